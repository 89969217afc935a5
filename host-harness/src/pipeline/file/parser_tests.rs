//! The parser: what it reads, and the diagnostics of invalid files.

use std::path::Path;
use std::time::Duration;

use crate::contract::Value;
use crate::pipeline::{Definition, OnFailure};
use crate::{Limits, SecretReference, Size};

/// A complete connection and task; the last table is the task's.
const MINIMAL: &str = r#"name = "nightly"

[connections.stitch]
plugin = "stitch.wasm"

[tasks.orders]
connection = "stitch"
"#;

fn parse(text: &str) -> Definition {
    Definition::parse(text, Path::new("pipelines/nightly.toml")).unwrap()
}

/// The diagnostics of an invalid text.
fn problems(text: &str) -> String {
    Definition::parse(text, Path::new("nightly.toml")).unwrap_err().to_string()
}

/// The messages alone, each after its line and column.
fn messages(text: &str) -> Vec<String> {
    let problems = Definition::parse(text, Path::new("nightly.toml")).unwrap_err();
    let message = |problem: &crate::pipeline::Diagnostic| match &problem.place {
        Some(place) => format!("{}:{}: {}", place.line, place.column, problem.message),
        None => problem.message.clone(),
    };
    problems.iter().map(message).collect()
}

#[test]
fn all_that_a_file_can_say_is_read() {
    let definition = parse(
        r#"
        name = "nightly"

        [connections.stitch]
        plugin = "plugins/stitch.wasm"
        allow = ["https://api.stitchdata.com", "GET https://example.com/v4"]
        allow_internal = ["http://localhost:8080"]
        expose_secrets = true
        limits = { memory = "64MiB", requests = 7 }
        [connections.stitch.fields]
        base_url = "https://api.stitchdata.com"
        [connections.stitch.secrets]
        access_token = "env:STITCH_ACCESS_TOKEN"
        other = "file:secrets/other"
        [connections.stitch.secret_origins]
        access_token = ["https://api.stitchdata.com"]

        [tasks.orders]
        connection = "stitch"
        parameters = { source_id = 0x1E240, ratio = 0.5, wait = true, mode = "attach" }
        after = ["customers"]
        retries = 2
        timeout = "1h 30m"
        on_failure = "stop"

        [tasks.customers]
        connection = "stitch"
        "#,
    );
    assert_eq!((&*definition.name, &*definition.order), ("nightly", &[1, 0][..]));
    let [stitch] = &definition.connections[..] else { panic!("{definition:?}") };
    assert_eq!((&*stitch.name, &*stitch.plugin), ("stitch", Path::new("pipelines/plugins/stitch.wasm")));
    let grants: Vec<_> = stitch.grants.iter().map(ToString::to_string).collect();
    assert_eq!(grants, ["https://api.stitchdata.com", "GET https://example.com/v4", "http://localhost:8080"]);
    assert_eq!(stitch.grants[2], "http://localhost:8080".parse::<crate::Grant>().unwrap().internal());
    assert!(stitch.expose_secrets);
    assert_eq!(stitch.limits, Limits { memory: Size(64 << 20), requests: 7, ..Limits::default() });
    assert_eq!(stitch.fields[0].value, Value::Text("https://api.stitchdata.com".to_owned()));
    let secrets: Vec<_> = stitch.secrets.iter().map(|entry| (&*entry.name, &entry.value)).collect();
    let token = SecretReference::Env("STITCH_ACCESS_TOKEN".to_owned());
    let other = SecretReference::File("pipelines/secrets/other".into());
    assert_eq!(secrets, [("access_token", &token), ("other", &other)]);
    assert_eq!(stitch.secret_origins[0].value, ["https://api.stitchdata.com".parse().unwrap()]);

    let [orders, customers] = &definition.tasks[..] else { panic!("{definition:?}") };
    let parameters: Vec<_> = orders.parameters.iter().map(|entry| (&*entry.name, &entry.value)).collect();
    assert_eq!(
        parameters,
        [
            ("source_id", &Value::Integer(123_456)),
            ("ratio", &Value::Decimal(0.5)),
            ("wait", &Value::Boolean(true)),
            ("mode", &Value::Text("attach".to_owned())),
        ]
    );
    assert_eq!((orders.connection, &*orders.after, orders.retries), (0, &[1][..], 2));
    assert_eq!((orders.timeout, orders.on_failure), (Duration::from_mins(90), OnFailure::Stop));
    assert_eq!((customers.retries, &*customers.after), (0, &[][..]));
    assert_eq!((customers.timeout, customers.on_failure), (Duration::from_hours(6), OnFailure::Skip));
}

#[test]
fn the_example_of_the_documentation_is_a_pipeline() {
    let page = include_str!("../../../README.md");
    let (_, example) = page.split_once("```toml\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    assert_eq!(parse(example).tasks.len(), 2);
}

#[test]
fn a_connection_without_a_task_is_no_problem() {
    let definition = parse(&format!("{MINIMAL}[connections.spare]\nplugin = \"spare.wasm\""));
    let unused: Vec<_> = definition.unused().map(|connection| &*connection.name).collect();
    assert_eq!(unused, ["spare"]);
}

#[test]
fn a_problem_shows_the_line_and_what_is_meant_in_it() {
    assert_eq!(
        problems(&format!("{MINIMAL}after = [\"customers\", \"orders\"]\nretries = 101\n")),
        "nightly.toml:8:10: there is no task `customers`: there is orders\n\
         \x20 after = [\"customers\", \"orders\"]\n\
         \x20          ^^^^^^^^^^^\n\
         nightly.toml:8:23: `orders` cannot come after itself\n\
         \x20 after = [\"customers\", \"orders\"]\n\
         \x20                       ^^^^^^^^\n\
         nightly.toml:9:11: `retries` must be a whole number from 0 to 100\n\
         \x20 retries = 101\n\
         \x20           ^^^"
    );
}

#[test]
fn what_a_task_cannot_say_is_refused() {
    for (line, message) in [
        ("conection = 1", "8:1: the task `orders` has no `conection`: did you mean `connection`?"),
        (
            "x = 1",
            "8:1: the task `orders` has no `x`: there is connection, parameters, after, retries, timeout, on_failure",
        ),
        ("parameters = 1", "8:14: `parameters` must be a table, not a whole number"),
        ("parameters.a = [1]", "8:16: `a` must be text, a number, true or false, not a list"),
        (
            "parameters.a = 2024-01-01",
            "8:16: `a` must be text, a number, true or false: write a date or a time in quotes",
        ),
        (
            "parameters.a = 9223372036854775808",
            "8:16: `a` must be between -9223372036854775808 and 9223372036854775807",
        ),
        ("parameters.a = inf", "8:16: `a` must be a finite number"),
        ("after = \"orders\"", "8:9: `after` must be a list of texts, such as [\"a\", \"b\"], not text"),
        ("after = [1]", "8:10: `after` must be a list of texts alone, not a whole number"),
        ("after = [\"order\"]", "8:10: there is no task `order`: did you mean `orders`?"),
        ("after = [\"orders\"]", "8:10: `orders` cannot come after itself"),
        ("retries = -1", "8:11: `retries` must be a whole number from 0 to 100"),
        ("retries = \"2\"", "8:11: `retries` must be a whole number from 0 to 100, not text"),
        ("timeout = 2", "8:11: `timeout` must be a time such as \"90s\" or \"1h 30m\", not a whole number"),
        (
            "timeout = \"2 moons\"",
            "8:11: `timeout` must be a time such as \"90s\" or \"1h 30m\": unknown time unit \"moons\", \
             supported units: ns, us/µs, ms, sec, min, hours, days, weeks, months, years (and few variations)",
        ),
        ("timeout = \"0s\"", "8:11: `timeout` must be longer than 0s and no longer than 365 days"),
        ("timeout = \"2y\"", "8:11: `timeout` must be longer than 0s and no longer than 365 days"),
        ("on_failure = \"halt\"", "8:14: `on_failure` must be one of skip, continue, stop, not `halt`"),
    ] {
        assert_eq!(messages(&format!("{MINIMAL}{line}\n")), [message], "{line}");
    }
}

#[test]
fn what_a_connection_cannot_say_is_refused() {
    for (line, message) in [
        ("allow = \"https://host\"", "9:9: `allow` must be a list of texts, such as [\"a\", \"b\"], not text"),
        (
            "allow = [\"host\"]",
            "9:10: `host` is not an origin: it has no scheme; write it as https://host or https://host:port",
        ),
        (
            "allow_internal = [\"ftp://host\"]",
            "9:19: `ftp://host` is not an origin: its scheme is neither http nor https; \
             write it as https://host or https://host:port",
        ),
        ("expose_secrets = \"yes\"", "9:18: `expose_secrets` must be true or false, not text"),
        ("limits.memroy = \"1MiB\"", "9:8: there is no limit `memroy`: did you mean `memory`?"),
        (
            "limits.memory = \"much\"",
            "9:17: the limit `memory` must be a size such as 64MiB or 512KiB, or none, not `much`",
        ),
        ("limits.base = \"python\"", "9:15: there are no limits called `python`: there is default, interpreter"),
        (
            "limits.base = 7",
            "9:15: `base` must be the name of a set of limits, such as \"interpreter\", not a whole number",
        ),
        ("limits = \"python\"", "9:10: there are no limits called `python`: there is default, interpreter"),
        ("limits.memory = true", "9:17: `memory` must be text such as \"64MiB\" or a whole number, not true or false"),
        ("fields.url = {}", "9:14: `url` must be text, a number, true or false, not a table"),
        ("secret_origins.key = []", "9:16: the connection has no secret `key`"),
        (
            "secrets.access_token = \"env:A\"\nsecret_origins.acces_token = []",
            "10:16: the connection has no secret `acces_token`: did you mean `access_token`?",
        ),
        (
            "secrets.key = \"env:A\"\nsecret_origins.key = [\"https://host/path\"]",
            "10:23: `https://host/path` is not an origin: it has a path, a query or a fragment; \
             write it as https://host or https://host:port",
        ),
    ] {
        let text = format!("{MINIMAL}[connections.b]\n{line}\nplugin = \"b.wasm\"\n");
        assert_eq!(messages(&text), [message], "{line}");
    }
}

#[test]
fn what_must_be_there_is_asked_for() {
    for (text, expected) in [
        ("", &["1:1: a pipeline needs `name`", "1:1: a pipeline needs a task: [tasks.NAME]"][..]),
        ("name = \"a\"\n[tasks]", &["1:1: a pipeline needs a task: [tasks.NAME]"]),
        ("name = \"a\"\n[tasks.b]", &["2:8: the task `b` needs `connection`"]),
        (
            "name = \"a\"\n[connections.b.fields]\n[tasks.c]\nconnection = \"d\"",
            &["2:14: the connection `b` needs `plugin`", "4:14: there is no connection `d`: there is b"],
        ),
        (
            "nmae = \"a\"\ntasks.b = 1\nconnections = []",
            &[
                "1:1: a pipeline has no `nmae`: did you mean `name`?",
                "1:1: a pipeline needs `name`",
                "2:11: `b` must be a table, not a whole number",
                "3:15: `connections` must be a table, not a list",
            ],
        ),
    ] {
        assert_eq!(messages(text), expected, "{text}");
    }
}

#[test]
fn a_name_is_fit_for_files_and_addresses() {
    let rule = "it may hold a-z, 0-9, - and _ only, no more than 64, and begins with a letter or a digit";
    for name in ["", "Nightly", "a b", "-a", "ä", "a/b"] {
        let message = format!("1:8: `{name}` is not a name: {rule}");
        assert_eq!(messages(&MINIMAL.replace("\"nightly\"", &format!("{name:?}"))), [message]);
    }
    let text = MINIMAL.replace("tasks.orders", "tasks.\"a b\"").replace("stitch]", "Stitch]");
    assert_eq!(
        messages(&text),
        [
            format!("3:14: `Stitch` is not a name: {rule}"),
            format!("6:8: `a b` is not a name: {rule}"),
            "7:14: there is no connection `stitch`: did you mean `Stitch`?".to_owned(),
        ]
    );
}

#[test]
fn tasks_that_wait_for_each_other_are_spelled_out() {
    let task = |name: &str, after: &str| format!("[tasks.{name}]\nconnection = \"stitch\"\nafter = [{after}]\n");
    let text =
        format!("{MINIMAL}{}{}{}", task("a", "\"orders\", \"b\""), task("b", "\"c\", \"c\""), task("c", "\"a\""));
    assert_eq!(
        messages(&text),
        ["10:20: these tasks wait for each other: `a` after `b` after `c` after `a`", "13:15: `c` is listed twice"]
    );
}

#[test]
fn a_text_that_is_no_toml_is_refused_with_all_its_lines() {
    assert_eq!(
        problems("name = weekly\n[tasks.a]\nx = 1\nx = 2\n[tasks.b\n"),
        "nightly.toml:1:8: string values must be quoted, expected literal string\n\
         \x20 name = …\n\
         \x20        ^\n\
         nightly.toml:4:1: duplicate key\n\
         \x20 …\n\
         \x20 ^\n\
         nightly.toml:5:9: unclosed table, expected `]`\n\
         \x20 [tasks.…\n\
         \x20         ^"
    );
}

#[test]
fn a_secret_that_is_written_into_the_file_is_refused_and_not_shown() {
    for (line, message) in [
        (
            "secrets.key = \"hunter2\"",
            "9:15: the secret `key` is never written into a file such as this: write \"env:VAR\" or \"file:PATH\"",
        ),
        (
            "secrets.key = [\"hunter2\"]",
            "9:15: the secret `key` is never written into a file such as this: write \"env:VAR\" or \"file:PATH\"",
        ),
        (
            "secrets.key = \"prompt\" # hunter",
            "9:15: nobody is asked for the secret `key` of a pipeline: write \"env:VAR\" or \"file:PATH\"",
        ),
        ("secrets = \"hunter2\"", "9:11: `secrets` must be a table, not text"),
        ("secret.key = \"hunter2\"", "9:1: the connection `b` has no `secret`: did you mean `secrets`?"),
        ("access_key = \"hunter2\"", ""),
        ("fields.key = [\"hunter2\"]", "9:14: `key` must be text, a number, true or false, not a list"),
        ("secrets.key = hunter2", "9:15: string values must be quoted, expected literal string"),
        ("secrets.key = \"hunter2", "9:23: invalid basic string, expected `\"`"),
        ("secrets = { key = \"hunter2\" }; allow = 1", ""),
        (
            "allow = [\"https://me:hunter2@host\"]",
            "9:10: `***@host` is not an origin: it has a user part; write it as https://host or https://host:port",
        ),
    ] {
        let text = format!("{MINIMAL}[connections.b]\n{line}\n");
        let text = if line.contains("= hunter2") { text } else { format!("{text}plugin = \"b.wasm\"\n") };
        let shown = problems(&text);
        assert!(!shown.contains("hunter2"), "{shown}");
        if !message.is_empty() {
            assert_eq!(messages(&text), [message], "{line}");
        }
    }
}

/// Wherever a secret is written by mistake, and whatever else is wrong in its line.
#[test]
fn a_mistyped_secret_is_shown_nowhere() {
    let connection = format!("{MINIMAL}[connections.b]\nplugin = \"b.wasm\"\n");
    for (before, lines) in [
        (MINIMAL, "acess_token = \"hunter2\""),
        (MINIMAL, "parameters = { access_token = \"hunter2\", x = [] }"),
        (MINIMAL, "parameters = { x = [], access_token = \"hunter2\" }"),
        (MINIMAL, "parameters = { x = [] } # hunter2"),
        (MINIMAL, "parameters.access_token = [\"hunter2\"]"),
        (MINIMAL, "parameters.access_token = { value = \"hunter2\" }"),
        (MINIMAL, "retries = { access_token = \"hunter2\" }"),
        (MINIMAL, "after = [{ access_token = \"hunter2\" }]"),
        (MINIMAL, "after = [\"orders\", 1] # hunter2"),
        (&connection, "access_token =\nhunter2"),
        (&connection, "access_token =\nhunter2=="),
        (&connection, "access_token =\n[\"hunter2\"]"),
        (&connection, "access_token =\n[hunter2"),
        (&connection, "access_token =\n\"hunter2\""),
        (&connection, "secrets.access_token =\n  hunter2 # it"),
        (&connection, "secrets.access_token = \"\"\"\nhunter2"),
        (&connection, "secrets.access_token = \"\"\"\nhunter2\nx = hunter2\"\"\""),
        (&connection, "secrets.access_token = \"\"\"\nhunter2\nx = hunter2\n[hunter2\\q\"\"\""),
        (&connection, "secrets.access_token = [\n\"hunter2\",\nhunter2,\n]"),
        (&connection, "access token = hunter2"),
        (&connection, "hunter2"),
        (&connection, "allow = [\"hunter2\n"),
        (&connection, "name=hunter2"),
        (&connection, "limits.acess_token = \"hunter2\""),
        (&connection, "limits = { acess_token = \"hunter2\" }"),
        (&connection, "limits = { memory = true, acess_token = \"hunter2\" }"),
        (&connection, "secret_origins.access_token = [\"hunter2\", 1]"),
        (&connection, "secret_origins = { access_token = \"hunter2\" }"),
        (&connection, "secrets = { access_token = \"env:hunter2\", other = \"x\" }"),
        (&connection, "fields = { access_token = \"hunter2\", url = {} }"),
        (&connection, "allow = { access_token = \"hunter2\" }"),
    ] {
        let shown = problems(&format!("{before}{lines}\n"));
        assert!(!shown.contains("hunter2"), "{lines}: {shown}");
    }
}

#[test]
fn of_a_line_that_cannot_be_read_the_words_of_the_format_are_shown() {
    for (line, shown) in [
        ("retries = x", "retries = …"),
        ("parameters.source_id = x", "parameters.…"),
        ("[connections.b.secrets", "[connections.…"),
        ("[connections", "[connections"),
        ("after = [x", "after = […"),
        ("tasks-of = x", "…"),
        ("allowé = x", "allow…"),
    ] {
        let told = problems(&format!("{MINIMAL}{line}"));
        assert_eq!(told.lines().nth(1), Some(&*format!("  {shown}")), "{told}");
    }
}

#[test]
fn another_problem_in_its_line_shows_no_secret() {
    let text = "name = 1\nconnections.b = { plugin = 3, secrets = { key = \"hunter2\" } }\n";
    let shown = problems(text);
    assert!(shown.contains("connections.b = { plugin = 3, secrets = { key = … } }"), "{shown}");
}

#[test]
fn a_file_that_breaks_off_anywhere_is_read_or_refused() {
    let text =
        format!("{MINIMAL}after = [\"ä\"]\nparameters = {{ a = 'ö' }}\n[connections.b]\nsecrets.c = \"env:C\"\n");
    for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
        for rest in [&text[..end], &text[end..]] {
            if let Err(problems) = Definition::parse(rest, Path::new("nightly.toml")) {
                assert!(problems.iter().next().is_some(), "{rest}");
                assert!(problems.to_string().contains('\n'), "{problems}");
            }
        }
    }
}

#[test]
fn of_many_problems_the_first_hundred_are_told() {
    let task = |index| format!("[tasks.t{index}]\nconnection = \"x{index}\"\nafter = [\"t4999\"]\n");
    let text: String = (0..5_000).map(task).collect();
    assert_eq!(messages(&format!("{MINIMAL}{text}")).len(), 100);
}
