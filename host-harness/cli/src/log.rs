//! The log: the library's spans on stderr, each as it ends. Off unless a filter is given.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

use host_harness::{Redactor, sanitize};
use tracing::Metadata;
use tracing_subscriber::filter::{EnvFilter, FilterExt, LevelFilter, filter_fn};
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt, registry};

/// The environment variables for the filter, without `--log`; the first that is set counts.
const FLAG: &str = "--log";
const VARIABLES: [&str; 2] = ["HOST_HARNESS_LOG", "RUST_LOG"];

/// The redactor of the log, which is global.
static REDACTOR: RwLock<Option<Redactor>> = RwLock::new(None);
static IS_ON: AtomicBool = AtomicBool::new(false);

/// The source of a filter, and its text.
type Setting = (&'static str, String);

/// The log and the export of spans, while the program runs.
pub(crate) struct Log {
    #[cfg(feature = "otlp")]
    export: Option<crate::otlp::Export>,
}

impl Log {
    /// Starts the log if the command line or the environment has a filter and, with the feature `otlp`, the export of
    /// spans if the environment names a collector. Must be called within the runtime.
    pub(crate) fn start(flag: Option<&str>) -> Result<Self, String> {
        let setting = setting(flag, |variable| std::env::var_os(variable)?.into_string().ok());
        let filter = match setting.as_ref().map(|setting| (setting.0, parse(setting))) {
            // A variable may be meant for other programs.
            Some((source, Err(message))) if source != FLAG => {
                warn(&message);
                None
            }
            Some((_, filter)) => Some(filter?),
            None => None,
        };
        let shows_spans = |filter: &EnvFilter| filter.max_level_hint().is_none_or(|most| most >= LevelFilter::INFO);
        IS_ON.store(filter.as_ref().is_some_and(shows_spans), Ordering::Relaxed);
        let lines = filter.map(|filter| {
            let lines = fmt::layer().with_target(false).with_span_events(FmtSpan::CLOSE).with_writer(|| Lines);
            lines.with_filter(filter.and(filter_fn(is_of_the_host)))
        });
        #[cfg(feature = "otlp")]
        {
            let export = crate::otlp::Export::start().unwrap_or_else(|message| {
                warn(&message);
                None
            });
            if lines.is_some() || export.is_some() {
                registry().with(export.as_ref().map(crate::otlp::Export::layer)).with(lines).init();
            }
            Ok(Self { export })
        }
        #[cfg(not(feature = "otlp"))]
        {
            if lines.is_some() {
                registry().with(lines).init();
            }
            Ok(Self {})
        }
    }

    /// Exports the last spans. The runtime must still run.
    pub(crate) fn finish(self) {
        #[cfg(feature = "otlp")]
        if let Some(Err(error)) = self.export.map(crate::otlp::Export::finish) {
            warn(&format!("spans could not be exported: {error}"));
        }
    }
}

/// Prints a warning on stderr. The command goes on.
pub(crate) fn warn(message: &str) {
    _ = io::stderr().write_all(clean(&format!("warning: {message}\n")).as_bytes());
}

/// True if a span is the host's own. Other libraries' spans hold what plugins wrote, unredacted.
pub(crate) fn is_of_the_host(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("host_harness")
}

/// Redacts these secrets in the log from here on.
pub(crate) fn hide(redactor: Redactor) {
    *REDACTOR.write().unwrap_or_else(PoisonError::into_inner) = Some(redactor);
}

/// True if stderr may show live progress: it is a terminal, and no log lines interrupt it.
pub(crate) fn is_live() -> bool {
    io::stderr().is_terminal() && !IS_ON.load(Ordering::Relaxed)
}

fn setting(flag: Option<&str>, variable: impl Fn(&str) -> Option<String>) -> Option<Setting> {
    let of_variable = |name| variable(name).filter(|text| !text.is_empty()).map(|text| (name, text));
    flag.map(|text| (FLAG, text.to_owned())).or_else(|| VARIABLES.into_iter().find_map(of_variable))
}

fn parse((source, text): &Setting) -> Result<EnvFilter, String> {
    EnvFilter::builder().parse(text).map_err(|error| {
        format!("{source} is not a log filter: {error}; write a level such as `info`, or `host_harness[call]=info`")
    })
}

/// The text without secrets and without terminal control characters.
pub(crate) fn clean(text: &str) -> String {
    let redactor = REDACTOR.read().unwrap_or_else(PoisonError::into_inner);
    sanitize(&redactor.as_ref().map_or_else(|| text.to_owned(), |redactor| redactor.text(text)))
}

/// A writer to stderr that gets whole lines.
struct Lines;

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        io::stderr().write_all(clean(&String::from_utf8_lossy(line)).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use host_harness::Secret;

    use super::*;

    #[test]
    fn the_command_line_counts_before_the_environment() {
        let found = |flag, set: &[(&str, &str)]| {
            setting(flag, |name| set.iter().find(|(of, _)| *of == name).map(|(_, text)| (*text).to_owned()))
        };
        let both = [("HOST_HARNESS_LOG", "debug"), ("RUST_LOG", "trace")];
        assert_eq!(found(Some("info"), &both), Some(("--log", "info".to_owned())));
        assert_eq!(found(None, &both), Some(("HOST_HARNESS_LOG", "debug".to_owned())));
        assert_eq!(found(None, &[("HOST_HARNESS_LOG", ""), both[1]]), Some(("RUST_LOG", "trace".to_owned())));
        assert_eq!(found(None, &[]), None);
    }

    #[test]
    fn a_filter_that_cannot_be_read_is_refused_with_its_source() {
        let setting = |text: &str| ("RUST_LOG", text.to_owned());
        assert!(parse(&setting("warn,host_harness[call]=info")).is_ok());
        assert_eq!(
            parse(&setting("host_harness=loud")).expect_err("no filter"),
            "RUST_LOG is not a log filter: error parsing level filter: \
             expected one of \"off\", \"error\", \"warn\", \"info\", \"debug\", \"trace\", or a number 0-5; \
             write a level such as `info`, or `host_harness[call]=info`"
        );
    }

    #[test]
    fn neither_secrets_nor_terminal_escapes_are_logged() {
        hide(Redactor::new([Secret::new("hunter2")]));
        assert_eq!(clean("path=\"/hunter2\" \x1b[2J\n"), "path=\"/***\" \u{fffd}[2J\n");
    }
}
