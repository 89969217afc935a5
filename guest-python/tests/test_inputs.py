import pytest

from orchestrator_plugin import BaseUrl, Inputs, Secret, TaskError, one_line


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("https://api.example.com", "https://api.example.com"),
        ("http://localhost:8000/v1/", "http://localhost:8000/v1"),
        ("http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_a_url_is_kept_in_its_parts(url: str, written: str) -> None:
    assert str(BaseUrl.parse(url)) == written


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.example.com",
        "ftp://x",
        "https://",
        "https://a:b@x",
        "https://x?y",
        "https://x#y",
        "https://x:0",
        "https://x:99999",
    ],
)
def test_what_is_not_a_base_url_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(ValueError, match="^must ") as raised:
        BaseUrl.parse(url)
    assert "a:b" not in str(raised.value)


@pytest.mark.parametrize("text", ["", " ", "two words", 'quo"te', "a\nb", "Bearer x", "x" * 9000, "schlüssel"])
def test_what_is_not_a_secret_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="^must "):
        Secret(text)


def test_a_secret_does_not_show_itself() -> None:
    assert repr(Secret(" hush\n")) == "Secret(***)"
    assert Secret("a/b").redact(b'"a/b" "a\\/b"') == b'"***" "***"'


def test_values_are_found_by_name_and_kind() -> None:
    inputs = Inputs({"yes": True, "word": "b", "number": 7})
    assert inputs.boolean("yes", False)
    assert not inputs.boolean("no", False)
    assert (inputs.choice("word", ["a", "b"]), inputs.choice("none", ["a", "b"])) == ("b", "a")
    assert inputs.id("number", "") == 7
    for wrong in (
        lambda: inputs.choice("word", ["a"]),
        lambda: inputs.boolean("word", True),
        lambda: inputs.text("number"),
    ):
        with pytest.raises(TaskError):
            wrong()
    with pytest.raises(TaskError, match="name is missing: it is in Acme"):
        inputs.required_text("name", "it is in Acme")


def test_a_tools_text_is_one_line_that_no_terminal_obeys() -> None:
    assert one_line("\n a\x1b[0m \u2028b") == "a\ufffd[0m"
    assert one_line("x" * 400) == "x" * 299 + "…"
