//! The command line.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use host_harness::conformance::Check;
use host_harness::{Grant, Host, HostError, Limit, LimitError, Limits, Origin, OriginError};

use crate::cache::CacheArgs;
use crate::plugin_name::PluginName;
use crate::secret_source::SecretSource;

const EXIT_CODES: &str = "Exit codes: 0 the run succeeded or was skipped, 1 it failed or was cancelled, \
2 wrong usage or input, 3 a call failed, 4 timed out waiting (the run goes on), 5 the verdict is unknown, 130 interrupted.";

/// Starts runs of a tool through a plugin, watches them and reports how they ended.
#[derive(Debug, Parser)]
#[command(name = "host-harness", version, after_help = EXIT_CODES)]
pub(crate) struct HostHarness {
    /// Log calls, requests and transitions on stderr: a level such as `info`, or a filter as in `RUST_LOG`. Default:
    /// `HOST_HARNESS_LOG`, else `RUST_LOG`
    #[arg(long, value_name = "FILTER", global = true)]
    pub(crate) log: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show a plugin's imports and requested access, before anyone trusts it
    Inspect(DescribeArgs),
    /// Describe a plugin and the fields that it takes
    Describe(DescribeArgs),
    /// Check that a run could start, without starting one
    Check(CheckArgs),
    /// Start one run and print what is needed to poll it, as JSON
    Trigger(CallArgs),
    /// Settle a trigger whose answer was lost: find its run or start it, and print what is needed to poll it, as JSON
    Settle(SettleArgs),
    /// Poll a run once and print its state, as JSON
    Poll(RunCallArgs),
    /// Ask the tool to stop a run and print the answer, as JSON
    Cancel(RunCallArgs),
    /// Start one run, watch it until it has ended and report
    Run(RunArgs),
    /// Test that a plugin conforms to the contract, by playing its tool from a kit
    #[command(after_help = checks_in_words())]
    Conformance(ConformanceArgs),
    /// Make the folder of a new plugin, which builds and conforms, for a made-up tool
    NewPlugin(NewPluginArgs),
    /// Check and run pipelines: tasks of several tools with dependencies
    #[command(subcommand)]
    Pipeline(PipelineCommand),
    /// Resume the pipeline runs that have not ended, after a crash or a restart
    Resume(ResumeArgs),
    /// Show and manage the stored pipeline runs
    #[command(subcommand)]
    Runs(RunsCommand),
}

/// A new plugin.
#[derive(Debug, Args)]
pub(crate) struct NewPluginArgs {
    /// The tool's name in kebab-case, such as `dbt-cloud`: the new folder has it
    #[arg(value_name = "NAME")]
    pub(crate) name: PluginName,
    /// What it can do beside `describe`, `trigger` and `poll`
    #[arg(long, value_name = "LIST", value_enum, value_delimiter = ',')]
    pub(crate) with: Vec<Interface>,
    /// Depend on the crate `plugin-guest` in this folder, not on the published one
    #[arg(long, value_name = "DIR")]
    pub(crate) plugin_guest: Option<PathBuf>,
    /// The output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) output: Format,
}

/// An optional interface of the contract, by its function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Interface {
    /// Stop a run
    Cancel,
    /// Check that a run could start, without starting one
    Check,
    /// Settle a trigger whose answer was lost
    Settle,
    /// Poll many runs in few requests
    Batch,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PipelineCommand {
    /// Check a pipeline's file against its plugins, without starting anything
    Check(PipelineArgs),
    /// Run a pipeline's tasks in the order of their dependencies, and store all that happens
    Run(PipelineRunArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum RunsCommand {
    /// List all runs, latest first
    List {
        #[command(flatten)]
        store: StoreArgs,
        /// The output format
        #[arg(long, value_enum, default_value_t = Format::Text)]
        output: Format,
    },
    /// Export all runs with all that is stored of them
    Export {
        #[command(flatten)]
        store: StoreArgs,
        /// One document, or a table with a row for each attempt
        #[arg(long, value_enum)]
        format: ExportFormat,
    },
    /// Abandon a run that has not ended: nothing more of it starts, and what still runs is no longer watched
    Abandon {
        /// The run's number
        #[arg(value_name = "ID")]
        id: i64,
        #[command(flatten)]
        store: StoreArgs,
        /// The output format
        #[arg(long, value_enum, default_value_t = Format::Text)]
        output: Format,
    },
    /// Delete the runs that ended long ago, with all that is stored of them
    Prune {
        /// The least time since their end, such as `30d`
        #[arg(long, value_name = "TIME", value_parser = age)]
        older_than: Duration,
        /// Print what would be deleted, without deleting it
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        store: StoreArgs,
        /// The output format
        #[arg(long, value_enum, default_value_t = Format::Text)]
        output: Format,
    },
    /// Show one run and its tasks
    Show {
        /// The run's number
        #[arg(value_name = "ID")]
        id: i64,
        #[command(flatten)]
        store: StoreArgs,
        /// The output format
        #[arg(long, value_enum, default_value_t = Format::Text)]
        output: Format,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// One document, as `runs list` prints it
    Json,
    /// A table with a row for each attempt, in RFC 4180
    Csv,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// One document, for programs
    Json,
}

/// The plugin and the arguments of its calls.
#[derive(Debug, Args)]
pub(crate) struct PluginArgs {
    /// The plugin: a WebAssembly component
    #[arg(long, value_name = "PATH")]
    pub(crate) plugin: PathBuf,
    /// A parameter of the task; `describe` lists them
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) parameters: Vec<(String, String)>,
    /// A field of the connection, not a secret one
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) connection: Vec<(String, String)>,
    /// A secret, and where to read it
    #[arg(long = "secret", value_name = "NAME=env:VAR|file:PATH|prompt", value_parser = secret)]
    pub(crate) secrets: Vec<(String, SecretSource)>,
    /// An origin that a secret may go to; without any, it may go wherever the plugin may
    #[arg(long = "secret-origin", value_name = "NAME=ORIGIN", value_parser = secret_origin)]
    pub(crate) secret_origins: Vec<(String, Origin)>,
    /// Give the plugin the secrets themselves instead of placeholders: for plugins that compute with them
    #[arg(long)]
    pub(crate) expose_secrets: bool,
    /// A grant: an origin that the plugin may send to, such as `https://api.example.com`, or
    /// `GET,POST https://api.example.com/v4`
    #[arg(long = "allow", value_name = "GRANT")]
    pub(crate) allowed: Vec<Grant>,
    /// A grant like --allow, also if the host is this machine or in a private network
    #[arg(long = "allow-internal", value_name = "GRANT")]
    pub(crate) allowed_internal: Vec<Grant>,
    #[command(flatten)]
    pub(crate) host: HostArgs,
}

/// The host: what a call may take, and where compiled plugins are kept.
#[derive(Debug, Args)]
pub(crate) struct HostArgs {
    /// A set of limits: `default`, or `interpreter` for a plugin that carries one, such as one in Python
    #[arg(long = "limits", value_name = "NAME", default_value = "default", value_parser = Limits::named)]
    named: Limits,
    /// Set a limit, such as `memory=64MiB`; --help lists them all
    #[arg(long = "limit", value_name = "NAME=VALUE", value_parser = limit, long_help = limits_in_words())]
    limits: Vec<(Limit, String)>,
    #[command(flatten)]
    pub(crate) cache: CacheArgs,
}

/// The help on limits: each with its default and meaning.
fn limits_in_words() -> String {
    let limit = |limit: Limit| format!("\n  {}={}: {}", limit.name(), Limits::default().value(limit), limit.about());
    let all: String = Limit::ALL.into_iter().map(limit).collect();
    format!("Set a limit, such as `memory=64MiB`, or lift it with `none`. By default:\n{all}")
}

impl HostArgs {
    /// The host with these limits and this cache.
    pub(crate) fn host(&self) -> Result<Host, HostError> {
        Ok(Host::new(self.limits())?.with_cache(self.cache.open()))
    }

    /// The limits as set, the others as in the named set.
    pub(crate) fn limits(&self) -> Limits {
        let mut limits = self.named.clone();
        for (limit, value) in &self.limits {
            // The parser has validated it.
            _ = limits.set(*limit, value);
        }
        limits
    }
}

/// The plugin's file, as an argument or by its flag.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct FileArgs {
    /// The plugin: a WebAssembly component
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,
    /// The plugin, as with the other commands
    #[arg(long, value_name = "PATH")]
    plugin: Option<PathBuf>,
}

impl FileArgs {
    pub(crate) fn path(&self) -> &Path {
        // clap requires one of them.
        self.path.as_deref().or(self.plugin.as_deref()).unwrap_or(Path::new(""))
    }
}

/// Arguments of commands that grant the plugin nothing.
#[derive(Debug, Args)]
pub(crate) struct DescribeArgs {
    #[command(flatten)]
    pub(crate) file: FileArgs,
    #[command(flatten)]
    pub(crate) host: HostArgs,
    /// The output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) output: Format,
}

#[derive(Debug, Args)]
pub(crate) struct ConformanceArgs {
    /// The plugin: a WebAssembly component
    #[arg(long, value_name = "PATH")]
    pub(crate) plugin: PathBuf,
    /// The folder of its kit, `kit.toml`: the tool's requests and answers
    #[arg(long, value_name = "DIR")]
    pub(crate) kit: PathBuf,
    #[command(flatten)]
    pub(crate) host: HostArgs,
    /// The output format
    #[arg(long, value_enum, default_value_t = ConformanceFormat::Text)]
    pub(crate) output: ConformanceFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ConformanceFormat {
    /// For people
    Text,
    /// One document, for programs
    Json,
    /// One document in XML, for continuous integration
    Junit,
}

/// The help on exit codes and checks.
fn checks_in_words() -> String {
    let check = |check: &Check| format!("\n  {:18}  {}", check, check.about());
    let all: String = Check::ALL.iter().map(check).collect();
    format!(
        "Exit codes: 0 all checks passed, 1 some failed, 2 wrong usage or kit, 3 the plugin cannot be loaded.\n\nChecks:{all}"
    )
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) plugin: PluginArgs,
    /// The output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) output: Format,
}

#[derive(Debug, Args)]
pub(crate) struct CallArgs {
    #[command(flatten)]
    pub(crate) plugin: PluginArgs,
    /// The output format
    #[arg(long, value_enum, default_value_t = Format::Json)]
    pub(crate) output: Format,
}

#[derive(Debug, Args)]
pub(crate) struct SettleArgs {
    #[command(flatten)]
    pub(crate) call: CallArgs,
    /// The age of the trigger, from before it was sent, such as 42s; once more for each settle since that may have
    /// started a run
    #[arg(long = "age", value_name = "TIME", required = true, value_parser = humantime::parse_duration)]
    pub(crate) ages: Vec<Duration>,
}

#[derive(Debug, Args)]
pub(crate) struct RunCallArgs {
    #[command(flatten)]
    pub(crate) call: CallArgs,
    /// The run: a file (or - for stdin) with what trigger, poll or run printed as JSON
    #[arg(long, value_name = "FILE|-")]
    pub(crate) run: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) plugin: PluginArgs,
    /// The least time between two polls; the plugin may ask for a longer one
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = humantime::parse_duration)]
    pub(crate) poll_interval: Duration,
    /// Poll every --poll-interval, whatever the plugin asks for: for simulators
    #[arg(long, requires = "poll_interval")]
    pub(crate) ignore_poll_hint: bool,
    /// The time to watch the run; it goes on after that
    #[arg(long, value_name = "TIME", default_value = "6h", value_parser = humantime::parse_duration)]
    pub(crate) timeout: Duration,
    /// The output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) output: Format,
    /// Leave the run alone on Ctrl-C, instead of cancelling it
    #[arg(long)]
    pub(crate) no_cancel: bool,
}

/// A pipeline's file.
#[derive(Debug, Args)]
pub(crate) struct PipelineArgs {
    /// The pipeline: a TOML file
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) cache: CacheArgs,
    /// The output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) output: Format,
}

/// The store of runs.
#[derive(Debug, Args)]
pub(crate) struct StoreArgs {
    /// The store of runs: a file, created if missing
    #[arg(long, value_name = "FILE", default_value = "host-harness.db")]
    pub(crate) store: PathBuf,
}

/// The poll policy of a pipeline.
#[derive(Debug, Args)]
pub(crate) struct PatienceArgs {
    /// The least time between two polls of a run; the plugin may ask for a longer one
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = humantime::parse_duration)]
    pub(crate) poll_interval: Duration,
    /// Poll every --poll-interval, whatever the plugin asks for and the rate limit allows: for simulators
    #[arg(long, requires = "poll_interval")]
    pub(crate) ignore_poll_hint: bool,
    /// On Ctrl-C leave runs as they are, to be resumed, instead of cancelling them
    #[arg(long)]
    pub(crate) no_cancel: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PipelineRunArgs {
    /// The pipeline: a TOML file
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) cache: CacheArgs,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    #[command(flatten)]
    pub(crate) patience: PatienceArgs,
    /// The output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) output: Format,
}

#[derive(Debug, Args)]
pub(crate) struct ResumeArgs {
    /// The numbers of the runs to resume; without any, all that have not ended
    #[arg(value_name = "ID")]
    pub(crate) ids: Vec<i64>,
    #[command(flatten)]
    pub(crate) cache: CacheArgs,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    #[command(flatten)]
    pub(crate) patience: PatienceArgs,
    /// The output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) output: Format,
}

/// Parses the least age of a run to delete. Ages beyond the bounds are more likely a slip than meant.
fn age(text: &str) -> Result<Duration, String> {
    const BOUNDS: RangeInclusive<Duration> = Duration::from_mins(1)..=Duration::from_hours(24 * 36_500);
    let age = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if BOUNDS.contains(&age) { Ok(age) } else { Err("write a time from 1m to 36500d".to_owned()) }
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it as NAME=VALUE".to_owned()),
    }
}

fn limit(text: &str) -> Result<(Limit, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    let limit = name.parse().map_err(|error: LimitError| error.to_string())?;
    Limits::default().set(limit, value).map_err(|error| error.to_string())?;
    Ok((limit, value.to_owned()))
}

/// Parses a secret's source. Errors do not repeat the argument: it may be the secret itself.
fn secret(text: &str) -> Result<(String, SecretSource), String> {
    let (name, source) = text.split_once('=').ok_or("write it as NAME=env:VAR, NAME=file:PATH or NAME=prompt")?;
    Ok((name.to_owned(), source.parse()?))
}

fn secret_origin(text: &str) -> Result<(String, Origin), String> {
    let (name, origin) = text.split_once('=').ok_or("write it as NAME=ORIGIN")?;
    Ok((name.to_owned(), origin.parse().map_err(|error: OriginError| error.to_string())?))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        HostHarness::command().debug_assert();
    }

    #[test]
    fn limits_are_set_one_by_one() {
        let limits = vec![limit("requests=7").unwrap(), limit("cpu=2s").unwrap()];
        let expected = Limits { requests: 7, cpu: Duration::from_secs(2), ..Limits::interpreter() };
        let named = Limits::interpreter();
        assert_eq!(HostArgs { named, limits, cache: CacheArgs::default() }.limits(), expected);
        assert!(limit("requests=many").is_err());
        assert!(limit("request").is_err());
    }

    #[test]
    fn an_age_that_would_delete_everything_or_never_anything_is_refused() {
        assert_eq!(age("30d"), Ok(Duration::from_hours(720)));
        assert!(age("1m").is_ok() && age("36500d").is_ok());
        for absurd in ["0s", "59s", "36501d", "500000y"] {
            assert_eq!(age(absurd), Err("write a time from 1m to 36500d".to_owned()), "{absurd}");
        }
        for unread in ["", "30", "-1d", "99999999999999999999y", "forever"] {
            assert!(age(unread).is_err(), "{unread}");
        }
    }

    #[test]
    fn a_value_may_hold_an_equals_sign() {
        assert_eq!(pair("a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
        assert!(pair("ab").is_err());
        assert!(pair("=b").is_err());
    }
}
