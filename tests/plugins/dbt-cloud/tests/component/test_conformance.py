from built import ROOT, built, host_harness

KIT = ROOT / "tests/plugins/dbt-cloud/kit"
INTERPRETER = ("--limits", "interpreter")


def test_the_component_keeps_the_contract() -> None:
    done = host_harness("conformance", "--plugin", built("DBT_CLOUD_PLUGIN"), "--kit", KIT, *INTERPRETER)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.rstrip().endswith("checks passed")


def test_without_the_limits_of_an_interpreter_all_that_it_passes_is_named_at_once() -> None:
    done = host_harness("describe", built("DBT_CLOUD_PLUGIN"))
    assert done.returncode == 3
    for passed in (
        "its file goes past the limit component of 16 MiB",
        "its largest function goes past the limit function_body of 256 KiB",
        "its code goes past the limit weight of 10000000",
        "if it carries an interpreter, as a plugin in Python does, add --limits interpreter",
    ):
        assert passed in done.stderr
