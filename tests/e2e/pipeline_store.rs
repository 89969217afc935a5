//! Store failures during a pipeline: a full disk, a lock, a read-only file.

use std::process::Command;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};

use crate::command_line::spawned;
use crate::three_tools::ThreeTools;

/// The command under a file size limit of so many blocks of 512 bytes.
#[cfg(unix)]
fn cramped(command: &Command, blocks: usize) -> Command {
    let mut shell = Command::new("sh");
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    shell.args(["-c", &script]).arg(command.get_program()).args(command.get_args());
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.current_dir(command.get_current_dir().expect("a folder"));
    shell
}

#[cfg(unix)]
#[tokio::test]
async fn a_store_that_cannot_grow_stops_the_pipeline_where_it_stands_and_nothing_is_lost() {
    let mut cases = tokio::task::JoinSet::new();
    // Too little to begin, enough for a part, and enough for more. A plugin's memory is a file, too, and fits into
    // each.
    for (blocks, begun) in [(140, false), (300, true), (420, true)] {
        cases.spawn(async move {
            let tools = ThreeTools::new(&format!("cramped-{blocks}"), Duration::ZERO).await;
            let run = ["pipeline", "run", "nightly.toml"];
            let stopped = spawned(cramped(&tools.command(&run), blocks), String::new()).await;
            assert_eq!(stopped.code, Some(3), "{blocks} blocks:\n{}", stopped.stderr);
            let started: usize = tools.started().values().sum();
            let words: &[&str] = if begun { &["resume"] } else { &run };
            if begun {
                let said = "error: the pipeline stops here because its store cannot be written";
                assert!(stopped.stderr.contains(said), "{blocks} blocks:\n{}", stopped.stderr);
                assert!(stopped.stderr.contains("; retrying the write in 1s"), "{}", stopped.stderr);
            } else {
                assert_eq!(started, 0, "nothing is triggered that cannot be written down");
                let said = "host-harness.db cannot be used: disk I/O error: see that its disk has room and is well";
                assert_eq!(stopped.json()["error"]["message"], said);
            }
            let resumed = tools.call(words).await;
            assert_eq!(
                tools.kept().await,
                ThreeTools::expected(),
                "{blocks} blocks:\n{}{}",
                stopped.stderr,
                resumed.stderr
            );
            assert_eq!(tools.started().values().sum::<usize>(), 5, "{blocks} blocks:\n{}", resumed.stderr);
        });
    }
    while let Some(case) = cases.join_next().await {
        case.expect("it ended as expected");
    }
}

#[tokio::test]
async fn a_store_in_which_another_process_writes_for_long_is_waited_for() {
    let tools = ThreeTools::new("occupied", Duration::from_millis(500)).await;
    let mut program = tokio::process::Command::from(tools.command(&["pipeline", "run", "nightly.toml"]));
    program.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped());
    let mut child = program.spawn().expect("it starts");
    let (notice, noticed) = std::sync::mpsc::channel();
    let store = tools.folder.join("host-harness.db");
    let occupied = tokio::task::spawn_blocking(move || {
        let store = loop {
            let store = rusqlite::Connection::open_with_flags(&store, rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE);
            let begun = |store: &rusqlite::Connection| {
                store.query_row("SELECT count(*) > 2 FROM attempts", [], |row| row.get(0))
            };
            match store {
                Ok(store) if begun(&store).unwrap_or(false) => break store,
                _ => std::thread::sleep(Duration::from_millis(20)),
            }
        };
        store.execute_batch("BEGIN IMMEDIATE").expect("it is held");
        // Until the host has noticed.
        _ = noticed.recv_timeout(Duration::from_mins(1));
        store.execute_batch("ROLLBACK").expect("it is let go");
    });
    let mut told = BufReader::new(child.stderr.take().expect("its lines")).lines();
    let mut said = String::new();
    while let Some(line) = told.next_line().await.expect("a line") {
        if line.contains("database is locked; retrying the write in ") {
            _ = notice.send(());
        }
        said += &(line + "\n");
    }
    let code = child.wait().await.expect("it ends").code();
    occupied.await.expect("it was held");
    assert!(said.contains("database is locked; retrying the write in "), "{said}");
    assert_eq!((tools.kept().await, code), (ThreeTools::expected(), Some(1)), "{said}");
    assert_eq!(tools.started().values().sum::<usize>(), 5, "{said}");
}

#[tokio::test]
async fn a_store_that_cannot_be_made_is_told_before_anything_is_triggered() {
    let tools = ThreeTools::new("no-store", Duration::ZERO).await;
    let printed = tools.call(&["pipeline", "run", "nightly.toml", "--store", "no/such/folder/runs.db"]).await;
    let said = "no/such/folder/runs.db cannot be written: give write permission to it and its folder, or name another file \
                with --store";
    assert_eq!((printed.code, printed.json()["error"]["message"].as_str()), (Some(2), Some(said)));
    assert_eq!(tools.started().values().sum::<usize>(), 0);
}
