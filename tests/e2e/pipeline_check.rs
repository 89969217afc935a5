//! `pipeline check`: a pipeline's file, validated against its plugins.

use std::path::PathBuf;

use serde_json::json;

use crate::artifact;
use crate::command_line::{Printed, spawned};

/// A folder with the plugin, its token and a pipeline's file, for one test.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::copy(artifact::plugin(), folder.join("stitch.wasm")).expect("a copy");
        std::fs::write(folder.join("token"), "hunter2\n").expect("a file");
        Self(folder)
    }

    async fn check(&self, text: &str, options: &[&str]) -> Printed {
        std::fs::write(self.0.join("nightly.toml"), text).expect("a file");
        let mut program = artifact::host_harness();
        // Paths in the file are taken from its folder, not from here.
        program.current_dir("/").args(["pipeline", "check"]).arg(self.0.join("nightly.toml")).args(options);
        let printed = spawned(program, String::new()).await;
        assert!(!printed.stdout.contains("hunter2") && !printed.stderr.contains("hunter2"), "{}", printed.stderr);
        Printed { stderr: printed.stderr.replace(&format!("{}/", self.0.display()), ""), ..printed }
    }
}

const PIPELINE: &str = r#"name = "nightly"
connections.spare.plugin = "spare.wasm"

[connections.stitch]
plugin = "stitch.wasm"
allow = ["https://api.stitchdata.com"]
secrets.access_token = "file:token"

[tasks.orders]
connection = "stitch"
parameters = { source_id = 120643, on_already_running = "attach" }
after = ["customers"]

[tasks.customers]
connection = "stitch"
parameters.source_id = 7
"#;

#[tokio::test]
async fn a_pipeline_in_order_is_told_as_it_would_start() {
    let folder = Folder::new("pipeline-in-order");
    let printed = folder.check(PIPELINE, &[]).await;
    assert_eq!(printed.code, Some(0), "{}", printed.stderr);
    assert_eq!(
        printed.stdout,
        "nightly: every task can be started, in this order\n\
         \x20 customers  at once, through stitch (Stitch)\n\
         \x20 orders     after customers, through stitch (Stitch)\n"
    );
    assert_eq!(printed.stderr, "no task uses the connection `spare`: it was not checked\n");
    let document = folder.check(PIPELINE, &["--output", "json"]).await.json();
    let task = |name: &str, after: &[&str]| {
        let plugin = json!({"name": "stitch-sync", "version": env!("CARGO_PKG_VERSION")});
        json!({"name": name, "connection": "stitch", "tool": "Stitch", "plugin": plugin, "after": after})
    };
    let tasks = [task("customers", &[]), task("orders", &["customers"])];
    assert_eq!(document, json!({"name": "nightly", "tasks": tasks}));
}

#[tokio::test]
async fn what_the_plugins_do_not_take_is_told_line_by_line() {
    let text = PIPELINE
        .replace("file:token", "file:no-token")
        .replace("120643", "\"120643\"")
        .replace("tasks.customers]\nconnection = \"stitch\"", "tasks.customers]\nconnection = \"spare\"");
    let printed = Folder::new("pipeline-not-taken").check(&text, &[]).await;
    assert_eq!((printed.code, &*printed.stdout), (Some(2), ""));
    assert_eq!(
        printed.stderr,
        "error: nightly.toml:2:28: spare.wasm cannot be read: No such file or directory (os error 2)\n\
         \x20       connections.spare.plugin = \"spare.wasm\"\n\
         \x20                                  ^^^^^^^^^^^^\n\
         \x20     nightly.toml:7:24: the secret `access_token` cannot be read from no-token: \
         No such file or directory (os error 2)\n\
         \x20       secrets.access_token = …\n\
         \x20                              ^\n\
         \x20     nightly.toml:11:28: `source_id` must be a whole number, not text: write it without quotes\n\
         \x20       parameters = { source_id = \"120643\", on_already_running = \"attach\" }\n\
         \x20                                  ^^^^^^^^\n"
    );
}

#[tokio::test]
async fn a_token_in_the_file_itself_is_not_printed() {
    let folder = Folder::new("pipeline-token");
    for text in [
        PIPELINE.replace("\"file:token\"", "\"hunter2\""),
        PIPELINE.replace("\"file:token\"", "hunter2"),
        PIPELINE.replace("secrets.", "fields.").replace("file:token", "hunter2"),
        PIPELINE.replace("secrets.access_token = \"file:token\"", "access_token = \"hunter2\""),
    ] {
        for output in ["text", "json"] {
            assert_eq!(folder.check(&text, &["--output", output]).await.code, Some(2));
        }
    }
}
