//! Running commands: each is shown, bounded in time where it waits for others, and fails with its own last words.

use std::{
    env,
    ffi::OsStr,
    fmt::Write as _,
    io::{BufRead, BufReader, Read},
    process::{Command, ExitStatus, Stdio},
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};

/// How many lines of a failed command are kept to say why it failed.
const LAST_WORDS: usize = 4;

/// The cargo that runs this program, so that both use one toolchain.
///
/// It is not told what cargo told this program of its own package: build scripts look at that (ring's does), and what
/// depends on them would be built anew whenever a person's own `cargo build` and this program take turns.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in env::vars_os().filter(|(name, _)| is_of_this_package(&name.to_string_lossy())) {
        cargo.env_remove(name);
    }
    cargo
}

/// Whether cargo sets this variable for each package that it builds or runs:
/// <https://doc.rust-lang.org/cargo/reference/environment-variables.html>.
fn is_of_this_package(variable: &str) -> bool {
    variable.starts_with("CARGO_PKG_") || variable.starts_with("CARGO_MANIFEST_")
}

/// What becomes of a command's standard output.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Stdout {
    /// People read it: it is shown, and nothing is returned.
    Shown,
    /// This program reads it: it is returned.
    Returned,
}

/// Runs a command with the terminal in its hands.
pub(crate) fn hand_over(command: &mut Command) -> anyhow::Result<()> {
    let status = status(command)?;
    if !status.success() {
        bail!("{} failed ({status})", line(command));
    }
    Ok(())
}

/// The same for a command whose exit status tells more than whether it failed.
pub(crate) fn status(command: &mut Command) -> anyhow::Result<ExitStatus> {
    eprintln!("$ {}", line(command));
    command.status().with_context(|| format!("cannot start {}", command.get_program().display()))
}

/// Asks a command that answers at once for what it prints, silently.
pub(crate) fn ask(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().with_context(|| format!("cannot start {}", command.get_program().display()))?;
    if !output.status.success() {
        bail!(
            "{} failed ({})\n{}",
            program(command),
            output.status,
            String::from_utf8_lossy(&output.stderr).trim_end()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a command to its end, or kills it at the limit, showing what it prints as it prints it.
pub(crate) fn watch(command: &mut Command, stdout: Stdout, limit: Duration) -> anyhow::Result<String> {
    eprintln!("$ {}", line(command));
    let deadline = Instant::now() + limit;
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", command.get_program().display()))?;

    let (sender, lines) = mpsc::channel();
    if let Some(pipe) = child.stdout.take() {
        forward(pipe, stdout, sender.clone());
    }
    if let Some(pipe) = child.stderr.take() {
        forward(pipe, Stdout::Shown, sender);
    }

    let (mut returned, mut shown) = (String::new(), Vec::new());
    loop {
        match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok((Stdout::Returned, line)) => {
                returned.push_str(&line);
                returned.push('\n');
            }
            Ok((Stdout::Shown, line)) => {
                eprintln!("  {line}");
                shown.push(line);
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                child.kill()?;
                child.wait()?;
                bail!("{} had not ended after {} s and was stopped", program(command), limit.as_secs());
            }
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("{} failed ({status}){}", program(command), last_words(&shown));
    }
    Ok(returned)
}

fn forward(pipe: impl Read + Send + 'static, to: Stdout, sender: Sender<(Stdout, String)>) {
    thread::spawn(move || {
        for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
            if sender.send((to, String::from_utf8_lossy(&line).trim_end().to_owned())).is_err() {
                return;
            }
        }
    });
}

/// A command as a person would type it, its surroundings left out.
pub(crate) fn line(command: &Command) -> String {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    words.map(quoted).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_alphanumeric() || "-_=./:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.into_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn program(command: &Command) -> String {
    let arguments: Vec<_> = command.get_args().map(OsStr::to_string_lossy).collect();
    let verb = arguments.iter().find(|argument| argument.chars().all(char::is_alphanumeric));
    let name = command.get_program().to_string_lossy();
    let name = name.rsplit('/').next().unwrap_or_default().to_owned();
    verb.map_or(name.clone(), |verb| format!("{name} {verb}"))
}

/// The lines that say why a command failed: those that it marks as errors, else its last ones.
fn last_words(shown: &[String]) -> String {
    let marked = |line: &&String| line.starts_with("error") || line.starts_with("E:");
    let marked: Vec<_> = shown.iter().filter(marked).take(LAST_WORDS).collect();
    let last = || shown[shown.len().saturating_sub(LAST_WORDS)..].iter().filter(|line| !line.is_empty()).collect();
    let words: Vec<&String> = if marked.is_empty() { last() } else { marked };
    words.iter().fold(String::new(), |mut text, line| {
        let _ = write!(text, "\n{line}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(command: &mut Command, limit: Duration) -> String {
        watch(command, Stdout::Returned, limit).map_err(|error| format!("{error:#}")).expect_err("the command fails")
    }

    fn sh(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_command_gives_its_standard_output() {
        let output = watch(&mut sh("echo one; echo aside >&2; echo two"), Stdout::Returned, Duration::from_secs(10));
        assert_eq!(output.expect("it succeeds"), "one\ntwo\n");
    }

    #[test]
    fn cargo_is_not_told_of_this_package_and_keeps_what_a_person_set() {
        let told = ["CARGO_PKG_NAME", "CARGO_MANIFEST_DIR", "CARGO_HOME", "CARGO_TARGET_DIR", "RUSTUP_TOOLCHAIN"];
        assert_eq!(told.map(is_of_this_package), [true, true, false, false, false]);
        assert!(cargo().get_envs().any(|(name, value)| name == "CARGO_PKG_NAME" && value.is_none()));
    }

    #[test]
    fn a_command_that_fails_is_reported_with_what_it_marked_as_errors() {
        let message = failure(&mut sh("echo 'error: no route' >&2; echo chatter >&2; exit 3"), Duration::from_secs(10));
        assert_eq!(message, "sh failed (exit status: 3)\nerror: no route");
    }

    #[test]
    fn a_command_that_hangs_is_stopped_at_its_limit() {
        let message = failure(Command::new("sleep").arg("60"), Duration::ZERO);
        assert_eq!(message, "sleep 60 had not ended after 0 s and was stopped");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let message = failure(&mut Command::new("/nowhere/apt-get"), Duration::from_secs(10));
        assert_eq!(message, "cannot start /nowhere/apt-get: No such file or directory (os error 2)");
    }

    #[test]
    fn a_command_is_shown_as_a_person_would_type_it() {
        let mut command = Command::new("apt-get");
        command.args(["download", "rust-src=1.95.0*", "it's"]);
        assert_eq!(line(&command), r"apt-get download 'rust-src=1.95.0*' 'it'\''s'");
    }

    #[test]
    fn without_marked_errors_the_last_lines_say_why() {
        let shown: Vec<String> = (1..=6).map(|n| n.to_string()).collect();
        assert_eq!(last_words(&shown), "\n3\n4\n5\n6");
    }
}
