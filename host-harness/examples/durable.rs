//! Keeps a run in the engine's own database, so that it survives the engine: started again after SIGKILL, a power cut or on
//! another machine, it goes on with the same run and triggers no second one.
//!
//! `cargo run --example durable -- DATABASE PLUGIN ORIGIN NAME=VALUE…` takes parameters by name, and the secret `access_token`
//! from the environment variable `ACCESS_TOKEN`. A database holds one run.

#![allow(clippy::print_stdout, reason = "a program: the verdict is what it is asked for")]

use std::path::Path;

use anyhow::{Context, bail};
use host_harness::{
    AfterStart, Arguments, Clock, Function, Host, Inputs, Limits, Plugin, PollPolicy, Recourse, Secret, Starts,
    SystemClock, TriggerRecord, WatchEnd, WatchEvent, Watcher, start_backoff,
};
use rusqlite::{Connection, OptionalExtension};

/// What an engine keeps of a run: the calls that may have started it, the run itself, and its verdict.
struct Database(Connection);

impl Database {
    fn open(path: &Path) -> anyhow::Result<Self> {
        let connection = Connection::open(path)?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             CREATE TABLE IF NOT EXISTS starts (number INTEGER PRIMARY KEY, record TEXT NOT NULL);
             CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);",
        )?;
        Ok(Self(connection))
    }

    /// The calls that may have started the run, and how many they are.
    fn starts(&self) -> anyhow::Result<(Option<Starts>, u32)> {
        let mut query = self.0.prepare("SELECT record FROM starts ORDER BY number")?;
        let (mut starts, mut count): (Option<Starts>, u32) = (None, 0);
        for record in query.query_map([], |row| row.get::<_, String>(0))? {
            let record: TriggerRecord = serde_json::from_str(&record?)?;
            match &mut starts {
                None => starts = Some(Starts::triggered(record)),
                Some(starts) => starts.settled(record),
            }
            count += 1;
        }
        Ok((starts, count))
    }

    /// Writes a call down that is about to be made. Refused where another process has written one since.
    fn intend(&self, number: u32, record: &TriggerRecord) -> anyhow::Result<()> {
        let insert = "INSERT INTO starts SELECT ?1, ?2 WHERE ?1 = 1 + (SELECT count(*) FROM starts)";
        if self.0.execute(insert, (number, serde_json::to_string(record)?))? == 0 {
            bail!("another process goes on with this run");
        }
        Ok(())
    }

    fn started_nothing(&self, number: u32) -> anyhow::Result<()> {
        self.0.execute("DELETE FROM starts WHERE number = ?1", [number])?;
        Ok(())
    }

    fn fact(&self, name: &str) -> anyhow::Result<Option<String>> {
        Ok(self.0.query_row("SELECT value FROM facts WHERE name = ?1", [name], |row| row.get(0)).optional()?)
    }

    fn keep(&self, name: &str, value: &str) -> anyhow::Result<()> {
        self.0.execute("INSERT OR REPLACE INTO facts VALUES (?1, ?2)", [name, value])?;
        Ok(())
    }
}

/// Goes on with the run from wherever the database says that it stands, to its verdict.
async fn go_on(database: &Database, plugin: &Plugin, arguments: &Arguments) -> anyhow::Result<String> {
    let clock = SystemClock::new();
    if let Some(verdict) = database.fact("verdict")? {
        return Ok(verdict);
    }
    let verdict = match database.fact("run")? {
        Some(run) => watch(database, plugin, arguments, run).await?,
        None => match start(database, plugin, arguments, &clock).await? {
            Started::Run(run) => watch(database, plugin, arguments, run).await?,
            Started::Verdict(verdict) => verdict,
        },
    };
    database.keep("verdict", &verdict)?;
    Ok(verdict)
}

enum Started {
    Run(String),
    Verdict(String),
}

/// Triggers the run, or finds out what became of the trigger of a process that is gone.
async fn start(
    database: &Database,
    plugin: &Plugin,
    arguments: &Arguments,
    clock: &SystemClock,
) -> anyhow::Result<Started> {
    let recourse = Recourse { settlement: plugin.offers(Function::Settle), retry: true };
    let mut failures = 0;
    loop {
        let (starts, count) = database.starts()?;
        let ages = |starts: &Starts| {
            starts
                .ages_anywhere(clock)
                .context("the clocks differ too much: look in the tool whether a run was started")
        };
        if let Some(starts) = &starts {
            if !starts.may_settle() {
                bail!("each of {} calls may have started a run: look in the tool", starts.settles());
            }
            // The request of the last may still be on its way.
            let youngest = ages(starts)?.last().copied().unwrap_or_default();
            clock.sleep(TriggerRecord::SHOWN_AFTER.saturating_sub(youngest)).await;
        }
        // On the disk before the call is made: whoever finds it there without a run settles it.
        database.intend(count + 1, &TriggerRecord::now(clock))?;
        let call = match &starts {
            None => plugin.trigger(arguments).await,
            Some(starts) => plugin.settle(arguments, &ages(starts)?).await,
        };
        if call.outcome.is_err() && !call.may_have_started() {
            database.started_nothing(count + 1)?;
        }
        let next = match starts {
            None => AfterStart::of_trigger(call, recourse),
            Some(_) => AfterStart::of_settle(call),
        };
        match next {
            AfterStart::Watch(running) => {
                database.keep("run", &running.run)?;
                return Ok(Started::Run(running.run));
            }
            AfterStart::Finished(finished) => return Ok(Started::Verdict(finished.verdict.to_string())),
            AfterStart::Settle(error) | AfterStart::Retry(error) => {
                failures += 1;
                eprintln!("{error}");
                clock.sleep(start_backoff(failures, None)).await;
            }
            AfterStart::Failed(error) => bail!("nothing was started: {error}"),
            AfterStart::Unknown(error) => bail!("look in the tool whether a run was started: {error}"),
        }
    }
}

async fn watch(database: &Database, plugin: &Plugin, arguments: &Arguments, run: String) -> anyhow::Result<String> {
    let (policy, clock) = (PollPolicy::default(), SystemClock::new());
    let watcher = Watcher { plugin, arguments, policy: &policy, clock: &clock };
    let keep = |event: WatchEvent<'_>| {
        if let WatchEvent::Running(running) = event {
            eprintln!("{}", running.report.message);
            // Where this fails, the run that was kept before is as good: a poll changes nothing.
            _ = database.keep("run", &running.run);
        }
    };
    match watcher.resume(run, keep, std::future::pending()).await.end {
        WatchEnd::Finished(finished) => Ok(finished.verdict.to_string()),
        other => bail!("the run is not known to have ended: {other:?}"),
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut argument = |what: &'static str| arguments.next().context(what);
    let (database, plugin) = (argument("which database?")?, argument("which plugin?")?);
    let origin = argument("which origin may it reach?")?;
    let token = std::env::var("ACCESS_TOKEN").context("ACCESS_TOKEN is not set")?;
    let inputs = Inputs::default().connection("base_url", &origin).secret("access_token", Secret::new(token));
    let inputs = arguments.try_fold(inputs, |inputs, argument| {
        let (name, value) = argument.split_once('=').context("a parameter is NAME=VALUE")?;
        anyhow::Ok(inputs.parameter(name, value))
    })?;
    let plugin = Host::new(Limits::default())?.load(Path::new(&plugin))?;
    let arguments = inputs.resolve(&plugin.describe().await.outcome?)?;
    let verdict = go_on(&Database::open(Path::new(&database))?, &plugin.allow([origin.parse()?]), &arguments).await?;
    println!("{verdict}");
    Ok(())
}
