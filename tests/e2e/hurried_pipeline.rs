//! A pipeline of Stitch tasks with accelerated time, for the host and for Stitch.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use host_harness::contract::{Progress, Report};
use host_harness::pipeline::{
    Accounts, Definition, Pipeline, PipelineEnd, ResolvedPipeline, ResolvedTask, RunOptions, TaskEvent,
};
use host_harness::store::{PipelineRun, PipelineRunId, RunLock, Store, TaskRunId};
use host_harness::{Clock, PollPolicy};
use jiff::Timestamp;
use stitch_simulator::{Plan, Simulator, Source, World};
use tokio::sync::watch;

use crate::artifact;
use crate::scenario::{CLIENT_ID, TOKEN};

/// Ten minutes pass in a second.
const SPEED: u32 = 600;

/// The host's clock at the speed of the simulator's.
struct Hurried {
    since: Instant,
    speed: u32,
}

impl Clock for Hurried {
    fn now(&self) -> Duration {
        self.since.elapsed() * self.speed
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(World::START.as_millisecond().unsigned_abs()) + self.now()
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time / self.speed).await;
    }
}

/// A stored run with a task for each source from 1 on, all of one account.
pub(crate) struct HurriedPipeline {
    pub(crate) simulator: Simulator,
    pub(crate) store: Store,
    pub(crate) id: PipelineRunId,
    pub(crate) path: PathBuf,
    pipeline: ResolvedPipeline,
    clock: Hurried,
    lock: RunLock,
}

impl HurriedPipeline {
    /// Sets up a task for each plan, the first for source 1.
    pub(crate) async fn new(name: &str, plans: Vec<Plan>) -> Self {
        Self::at_speed(SPEED, name, plans).await
    }

    /// Sets it up at another speed.
    pub(crate) async fn at_speed(speed: u32, name: &str, plans: Vec<Plan>) -> Self {
        Self::timing_out(speed, name, plans, "7d").await
    }

    /// Sets it up with this timeout for each task.
    pub(crate) async fn timing_out(speed: u32, name: &str, plans: Vec<Plan>, timeout: &str) -> Self {
        Self::of_tasks(speed, name, plans, &format!("timeout = {timeout:?}\n"), |_| ()).await
    }

    /// Sets it up with these settings of each task, and with sources that are further set up.
    pub(crate) async fn of_tasks(
        speed: u32,
        name: &str,
        plans: Vec<Plan>,
        settings: &str,
        set_up: impl Fn(&mut Source),
    ) -> Self {
        let mut world = World::new();
        let account = world.account(CLIENT_ID, TOKEN);
        let sources = || (1_u64..).take(plans.len());
        for (source, plan) in sources().zip(&plans) {
            set_up(account.source(source).paused().plan(plan.clone()));
        }
        let clock = stitch_simulator::Clock::scaled(World::START, f64::from(speed));
        let simulator = Simulator::start_with(world, clock, 0).await.expect("the simulator starts");
        let clock = Hurried { since: Instant::now(), speed };

        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("hurried-{name}"));
        _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("token"), TOKEN).expect("a file");
        let url = simulator.url();
        let mut text = format!(
            "name = \"nightly\"\n[connections.stitch]\nplugin = '{}'\nallow = [{url:?}]\nfields.base_url = {url:?}\n\
             secrets.access_token = \"file:token\"\n",
            artifact::plugin().display(),
        );
        for source in sources() {
            let task = format!("[tasks.t{source}]\nconnection = \"stitch\"\nparameters.source_id = {source}\n");
            _ = writeln!(text, "{task}{settings}");
        }
        let file = folder.join("nightly.toml");
        let definition = Definition::parse(&text, &file).expect("a pipeline");
        let pipeline = definition.load(None).await.expect("it loads");
        let tasks: Vec<_> = pipeline.tasks.iter().map(ResolvedTask::new_task).collect();
        let path = folder.join("runs.db");
        let mut store = Store::open(&path).expect("a store");
        let (id, lock) = store.begin("nightly", &file.to_string_lossy(), &text, &tasks, World::START).expect("a run");
        Self { simulator, store, id, path, pipeline, clock, lock }
    }

    /// The time, as it is stored.
    pub(crate) fn now(&self) -> Timestamp {
        self.ahead(Duration::ZERO)
    }

    /// The time `by` from now.
    pub(crate) fn ahead(&self, by: Duration) -> Timestamp {
        Timestamp::try_from(self.clock.wall() + by).expect("a time")
    }

    /// Triggers a task without the runner, and returns what is to be stored.
    pub(crate) async fn triggered(&self, index: usize) -> (TaskRunId, String, Report) {
        let (task, kept) = (&self.pipeline.tasks[index], self.store.pipeline_run(self.id).expect("the run"));
        match task.plugin.trigger(&task.arguments).await.outcome {
            Ok(Progress::Running(running)) => (kept.tasks[index].id, running.run, running.report),
            other => panic!("not running: {other:?}"),
        }
    }

    /// Runs it to its end, from its state in the store.
    pub(crate) async fn run(
        self,
        observe: impl Fn(TaskEvent<'_>) + Send + Sync + 'static,
    ) -> (PipelineEnd, PipelineRun, Simulator) {
        self.run_unless(false, observe).await
    }

    /// Runs it, optionally shut down from the start.
    pub(crate) async fn run_unless(
        self,
        unwanted: bool,
        observe: impl Fn(TaskEvent<'_>) + Send + Sync + 'static,
    ) -> (PipelineEnd, PipelineRun, Simulator) {
        self.run_wanted(watch::channel(unwanted), observe).await
    }

    /// Runs it, interrupted after this time, as it is for the pipeline.
    pub(crate) async fn interrupted_after(self, time: Duration) -> (PipelineEnd, PipelineRun, Simulator) {
        let (interrupt, unwanted) = watch::channel(false);
        let (interrupts, time) = (interrupt.clone(), time / self.clock.speed);
        tokio::spawn(async move {
            tokio::time::sleep(time).await;
            interrupts.send_replace(true);
        });
        self.run_wanted((interrupt, unwanted), |_| ()).await
    }

    async fn run_wanted(
        self,
        (_keep, unwanted): (watch::Sender<bool>, watch::Receiver<bool>),
        observe: impl Fn(TaskEvent<'_>) + Send + Sync + 'static,
    ) -> (PipelineEnd, PipelineRun, Simulator) {
        let Self { simulator, store, id, path, clock, lock, .. } = self;
        drop(lock);
        let pipeline = Pipeline::resume(id, store, None).await.expect("it is taken up");
        let options = RunOptions { clock, accounts: Accounts::default(), policy: PollPolicy::default(), unwanted };
        let end = pipeline.run(options, observe).await.expect("it ends");
        let kept = Store::open_to_read(&path).expect("the store").pipeline_run(id).expect("the run");
        (end, kept, simulator)
    }
}
