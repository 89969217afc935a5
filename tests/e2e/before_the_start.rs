//! Requests before the start of a run, to look or for a token, answered by a sign-in page: the error says at once that
//! nothing was started.

use std::path::PathBuf;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::artifact;
use crate::command_line::{Printed, spawned};

/// Starts a gateway that answers everything with its sign-in page and status 200. Returns its URL.
async fn gateway() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                _ = stream.read(&mut [0; 8192]).await;
                let page = "<!DOCTYPE html><html><title>Sign in</title></html>";
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    page.len()
                );
                _ = stream.write_all((head + page).as_bytes()).await;
            });
        }
    });
    url
}

/// A plugin whose trigger first sends another request, and its arguments.
struct Tool {
    name: &'static str,
    plugin: &'static PathBuf,
    field: (&'static str, &'static str),
    secret: &'static str,
}

fn tools() -> [Tool; 2] {
    let [airbyte, fivetran] = artifact::other_plugins();
    [
        Tool { name: "airbyte", plugin: airbyte, field: ("client_id", "an-id"), secret: "client_secret" },
        Tool { name: "fivetran", plugin: fivetran, field: ("api_key", "a-key"), secret: "api_secret" },
    ]
}

const CONNECTION: &str = "e3b1ce92-547c-436f-b1e8-23b6936c12cd";
const SIGN_IN: &str = "answer was not understood: it is a web page (HTML), not JSON";

fn says_that_nothing_was_started(printed: &Printed) {
    assert_eq!(printed.code, Some(3), "{}", printed.stderr);
    assert!(printed.stderr.contains(SIGN_IN) || printed.stdout.contains(SIGN_IN), "{}", printed.stderr);
    for wrong in ["may have been started", "not known", "may be running"] {
        assert!(!printed.stderr.contains(wrong) && !printed.stdout.contains(wrong), "{}", printed.stderr);
    }
}

#[tokio::test]
async fn a_run_whose_token_or_look_is_answered_by_a_sign_in_page_has_started_nothing() {
    for tool in tools() {
        let url = gateway().await;
        let mut program = artifact::host_harness();
        program.arg("run").arg("--plugin").arg(tool.plugin).args(["--allow", &url, "--expose-secrets"]);
        program.args(["--param", &format!("connection_id={CONNECTION}"), "--connection", &format!("base_url={url}")]);
        program.args(["--secret", &format!("{}=env:KEY", tool.secret)]).env("KEY", "hush");
        let (name, value) = tool.field;
        program.args(["--connection", &format!("{name}={value}")]);
        says_that_nothing_was_started(&spawned(program, String::new()).await);
    }
}

#[tokio::test]
async fn a_task_whose_token_or_look_is_answered_by_a_sign_in_page_fails_at_once_and_is_not_settled() {
    for tool in tools() {
        let url = gateway().await;
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("sign-in-{}", tool.name));
        _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        let (name, value) = tool.field;
        let text = format!(
            "name = \"nightly\"\n[connections.tool]\nplugin = '{}'\nallow = [{url:?}]\nfields.base_url = {url:?}\nfields.{name} = {value:?}\n\
             secrets.{} = \"env:KEY\"\nexpose_secrets = true\n[tasks.sync]\nconnection = \"tool\"\n\
             parameters.connection_id = {CONNECTION:?}\n",
            tool.plugin.display(),
            tool.secret,
        );
        std::fs::write(folder.join("nightly.toml"), text).expect("a file");
        let mut program = artifact::host_harness();
        program.current_dir(&folder).args(["pipeline", "run", "nightly.toml"]).env("KEY", "hush");
        let printed = spawned(program, String::new()).await;
        says_that_nothing_was_started(&printed);
        assert!(printed.stdout.contains("sync  call failed"), "{}", printed.stdout);
    }
}
