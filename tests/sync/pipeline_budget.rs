//! A budget per account: many tasks together stay under what Stitch allows one account.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use host_harness::Clock;
use host_harness::pipeline::{Definition, Patience, PipelineEnd, Runner, TaskEvent, What};
use host_harness::store::{NewTask, Outcome, Store, TaskState};
use stitch_simulator::{Budget, Plan, Simulator, World};
use tokio::sync::watch;

use crate::artifact;
use crate::scenario::{CLIENT_ID, TOKEN};

const TASKS: u64 = 200;

/// Twenty minutes pass in a second.
const SPEED: u32 = 1200;

/// The host's clock at the speed of the simulator's.
struct Hurried(Instant);

impl Clock for Hurried {
    fn now(&self) -> Duration {
        self.0.elapsed() * SPEED
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(World::START.as_millisecond().unsigned_abs()) + self.now()
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time / SPEED).await;
    }
}

/// What the runner told.
#[derive(Default)]
struct Told {
    /// How often a task was said to wait for its account.
    waits: usize,
    /// How often there was news of each task.
    news: Vec<usize>,
    /// The most that one task was ahead of another in that.
    widest: usize,
}

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pipeline-budget");
    _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("token"), TOKEN).expect("a file");
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_tasks_of_one_account_stay_within_its_budget_and_each_has_its_turn() {
    let mut world = World::new();
    let account = world.account(CLIENT_ID, TOKEN);
    for source in 1..=TASKS {
        // Half of them are polled more than once before they end.
        let lasts = Duration::from_hours(source % 2);
        account.source(source).plan(Plan::succeeds().lasting(lasts, lasts, Duration::from_mins(1)));
    }
    let clock = stitch_simulator::Clock::scaled(World::START, f64::from(SPEED));
    let simulator = Simulator::start_with(world, clock, 0).await.expect("the simulator starts");
    let hurried = Hurried(Instant::now());

    let folder = folder();
    let url = simulator.url();
    let mut text = format!(
        "name = \"nightly\"\n[connections.stitch]\nplugin = '{}'\nallow = [{url:?}]\nfields.base_url = {url:?}\n\
         secrets.access_token = \"file:token\"\n",
        artifact::plugin().display(),
    );
    for source in 1..=TASKS {
        _ = write!(
            text,
            "[tasks.t{source}]\nconnection = \"stitch\"\nparameters.source_id = {source}\ntimeout = \"7d\"\n"
        );
    }
    let definition = Definition::parse(&text, &folder.join("nightly.toml")).expect("a pipeline");
    let pipeline = definition.load().await.expect("it loads");
    let new =
        |name: &String| NewTask { name: name.clone(), tool: "Stitch".to_owned(), plugin: "stitch-sync".to_owned() };
    let tasks: Vec<_> = pipeline.tasks.iter().map(|task| new(&task.name)).collect();
    let path = folder.join("runs.db");
    let mut store = Store::open(&path).expect("a store");
    let begun_at = World::START;
    let (id, _lock) = store.begin("nightly", "nightly.toml", &text, &tasks, begun_at).expect("a run");

    let patience = Patience { interval: Duration::from_secs(1), ignore_hint: false, cancel: true };
    let (_keep, unwanted) = watch::channel(false);
    let told = Arc::new(Mutex::new(Told { news: vec![0; tasks.len()], ..Told::default() }));
    let observed = Arc::clone(&told);
    let observe = move |event: TaskEvent<'_>| {
        let mut told = observed.lock().expect("no panic");
        match event.what {
            What::Queued { .. } => told.waits += 1,
            What::Running(_) => {
                told.news[event.task] += 1;
                let (most, least) = (told.news.iter().max(), told.news.iter().min());
                told.widest = told.widest.max(most.zip(least).map_or(0, |(most, least)| most - least));
            }
            _ => {}
        }
    };
    let runner = Runner { pipeline, store, id, clock: hurried, patience, unwanted };
    let end = runner.run(observe).await.expect("it ends");
    assert_eq!(end, PipelineEnd::Ended(Outcome::Succeeded));

    let kept = Store::open_to_read(&path).expect("the store").pipeline_run(id).expect("the run");
    assert!(kept.tasks.iter().all(|task| task.state == TaskState::Ended(Outcome::Succeeded)));
    let budget = simulator.budget(CLIENT_ID);
    assert!(budget.requests >= usize::try_from(TASKS).expect("a count"), "{budget:?}");
    assert!(budget.most_in_window <= Budget::LIMIT, "{budget:?}");
    let told = told.lock().expect("no panic");
    assert!(told.waits > 0, "waiting is shown");
    assert!(told.widest <= 4, "one task was told of {} times more often than another", told.widest);
}
