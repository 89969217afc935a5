//! The rate limit of an account: all tasks together stay within it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use host_harness::pipeline::{PipelineEnd, TaskEvent, What};
use host_harness::store::{Outcome, TaskRun, TaskState};
use http::StatusCode;
use stitch_simulator::{Budget, Fault, Loading, Plan, Route, Source, Stream};

use crate::hurried_pipeline::HurriedPipeline;
use crate::scenario::CLIENT_ID;

const TASKS: usize = 200;

const HOUR: Duration = Duration::from_hours(1);

/// How often the tasks that last were told that their runs go on, from when all have been until the first ends.
struct Told {
    news: Vec<usize>,
    has_begun: bool,
    has_one_ended: bool,
}

impl Told {
    fn of(&mut self, event: TaskEvent<'_>) {
        if !event.task.is_multiple_of(2) || self.has_one_ended {
            return;
        }
        match event.what {
            What::Running(_) => self.news[event.task] += 1,
            What::Ended { .. } => self.has_one_ended = true,
            _ => return,
        }
        if !self.has_begun && self.lasting().all(|news| news > 1) {
            self.has_begun = true;
            self.news.fill(0);
        }
    }

    fn lasting(&self) -> impl Iterator<Item = usize> {
        self.news.iter().step_by(2).copied()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_tasks_of_one_account_stay_within_its_budget_and_each_has_its_turn() {
    // Half of them are polled more than once before they end.
    let lasting = |hours| Plan::succeeds().lasting(hours, hours, Duration::from_mins(1));
    let plans = (0..TASKS).map(|task| lasting(if task % 2 == 0 { Duration::from_hours(1) } else { Duration::ZERO }));
    let pipeline = HurriedPipeline::new("budget", plans.collect()).await;
    let told = Arc::new(Mutex::new(Told { news: vec![0; TASKS], has_begun: false, has_one_ended: false }));
    let observed = Arc::clone(&told);
    let observe = move |event: TaskEvent<'_>| observed.lock().expect("no panic").of(event);
    let (end, kept, simulator) = pipeline.run(observe).await;
    assert_eq!(end, PipelineEnd::Ended(Outcome::Succeeded));
    assert!(kept.tasks.iter().all(|task| task.state == TaskState::Ended(Outcome::Succeeded)));
    let budget = simulator.budget(CLIENT_ID);
    assert!(budget.most_in_window <= Budget::LIMIT, "{budget:?}");
    let told = told.lock().expect("no panic");
    let (least, most) = told.lasting().min().zip(told.lasting().max()).expect("tasks");
    assert!(told.has_begun && least > 0, "a task has had no turn");
    // A job that has taken longer is polled less often, a third as often at the least.
    assert!(most <= 3 * least + 4, "one task was told of {most} times, another {least} times");
}

/// `RUNS_OF_AN_ACCOUNT` tries another number of runs, up to 2,000: as soon as the pages of so many allow.
#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_each_of_two_hundred_runs_of_an_account_is_told_within_minutes() {
    let runs = std::env::var("RUNS_OF_AN_ACCOUNT").map_or(TASKS as u64, |runs| runs.parse().expect("a number"));
    let lasting = |minutes| Plan::succeeds().lasting(Duration::from_secs(60 * minutes), Duration::ZERO, Duration::ZERO);
    // The last begin while the first run: their triggers take that long at this speed.
    let plans = (0..runs).map(|task| lasting(5 + runs / 50 + task % 20)).collect();
    let (end, kept, simulator) = HurriedPipeline::at_speed(60, "told-soon", plans).await.run(|_| ()).await;
    assert_eq!(end, PipelineEnd::Ended(Outcome::Succeeded));
    let late = |(task, source): (&TaskRun, u64)| {
        let ended = simulator.with(|world| world.source(source).jobs()[0].end());
        task.changed_at.duration_since(ended).unsigned_abs()
    };
    let mut delays: Vec<_> = kept.tasks.iter().zip(1..).map(late).collect();
    delays.sort_unstable();
    let mean = delays.iter().sum::<Duration>() / u32::try_from(runs).expect("small");
    let (late, budget) = (delays[delays.len() * 95 / 100], simulator.budget(CLIENT_ID));
    eprintln!(
        "{runs} runs: from a job's end to its verdict {mean:.0?} on average, {late:.0?} at the 95th percentile; {budget:?}"
    );
    // All pages are read once in this time. A busy machine takes some more, sixty times as long by this clock.
    let rhythm = Duration::from_secs(20 * runs.div_ceil(100)).max(Duration::from_mins(1));
    assert!(mean <= 2 * rhythm, "{mean:?}");
    assert!(late <= 4 * rhythm, "{late:?}");
    assert!(budget.most_in_window <= Budget::LIMIT, "{budget:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_runs_that_wait_for_loads_are_told_soon_within_the_budget() {
    const RUNS: usize = 100;
    let plans = vec![Plan::succeeds().lasting(Duration::from_mins(10), Duration::ZERO, Duration::ZERO); RUNS];
    let stream = Stream::new("ads").loading(Loading::After(Duration::from_mins(1)));
    let set_up = |source: &mut Source| _ = source.stream(stream.clone());
    let settings = "parameters.wait_for = \"load\"\n";
    let pipeline = HurriedPipeline::of_tasks(60, "loads-together", plans, settings, set_up).await;
    let (end, kept, simulator) = pipeline.run(|_| ()).await;
    assert_eq!(end, PipelineEnd::Ended(Outcome::Succeeded));
    let late = |(task, source): (&TaskRun, u64)| {
        let loaded = simulator.with(|world| world.source(source).jobs()[0].end()) + Duration::from_mins(1);
        task.changed_at.duration_since(loaded).unsigned_abs()
    };
    let latest = kept.tasks.iter().zip(1..).map(late).max().expect("tasks");
    let budget = simulator.budget(CLIENT_ID);
    eprintln!("{RUNS} runs that wait for loads: the last is told {latest:.0?} after its load; {budget:?}");
    assert!(budget.most_in_window <= Budget::LIMIT, "{budget:?}");
    // By themselves they would take a request each, every 20 s.
    assert!(latest < Duration::from_mins(10), "{latest:?}");
    assert!(budget.requests < RUNS, "{budget:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_runs_that_are_cancelled_together_are_watched_to_their_ends_whatever_that_spends() {
    let plans = vec![Plan::succeeds().lasting(HOUR, HOUR, HOUR); 30];
    let pipeline = HurriedPipeline::at_speed(60, "cancelled", plans).await;
    let (end, kept, _) = pipeline.interrupted_after(Duration::from_mins(4)).await;
    assert_eq!(end, PipelineEnd::Ended(Outcome::Interrupted));
    for task in kept.tasks {
        assert_eq!(task.state, TaskState::Ended(Outcome::Cancelled), "{:?}", task.message);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_nobody_could_look_at_in_time_is_not_said_to_go_on() {
    let plans = vec![Plan::succeeds().lasting(HOUR, HOUR, HOUR)];
    let pipeline = HurriedPipeline::timing_out(60, "not-seen", plans, "3m").await;
    let limited = Fault::on(Route::ListExtractions).status(StatusCode::SERVICE_UNAVAILABLE).always();
    pipeline.simulator.fault(limited);
    let (_, kept, _) = pipeline.run(|_| ()).await;
    assert_eq!(kept.tasks[0].state, TaskState::Ended(Outcome::TimedOut));
    let message = kept.tasks[0].message.as_deref().unwrap_or_default();
    assert!(message.starts_with("it was not seen to end, and "), "{message}");
    assert!(message.ends_with("; the run may go on"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trigger_that_is_answered_by_an_error_each_time_is_left_to_a_person() {
    let pipeline = HurriedPipeline::at_speed(6_000, "settled-in-vain", vec![Plan::succeeds()]).await;
    let broken = Fault::on(Route::StartJob).status(StatusCode::INTERNAL_SERVER_ERROR).without_effect().always();
    pipeline.simulator.fault(broken);
    // If only the look fails, nothing was started.
    let unseen = Fault::on(Route::ReadSource).status(StatusCode::SERVICE_UNAVAILABLE).skip(2).times(3);
    pipeline.simulator.fault(unseen);
    let (end, kept, simulator) = pipeline.run(|_| ()).await;
    assert_eq!(end, PipelineEnd::Ended(Outcome::Unknown));
    assert_eq!(
        kept.tasks[0].message.as_deref(),
        Some(
            "whether a run was started is not known after 10 requests to settle it that may have started one, too: Internal \
             Server Error; look in Stitch before you start another"
        )
    );
    assert_eq!((simulator.count(Route::StartJob), simulator.count(Route::ReadSource)), (11, 13));
    assert_eq!(kept.tasks[0].attempts[0].settles.len(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trigger_that_is_settled_after_a_long_wait_for_its_turn_is_not_sent_again() {
    // More than one window allows: tasks that wait have lost the answer of a job that has ended meanwhile.
    const LOST: usize = 12;
    const SPEED: u32 = 30;
    let minute = Duration::from_mins(1);
    let plan = Plan::succeeds().lasting(minute / 3, minute / 3, minute / 3);
    let mut pipeline = HurriedPipeline::at_speed(SPEED, "settled-late", vec![plan.clone(); LOST]).await;
    let kept = pipeline.store.pipeline_run(pipeline.id).expect("the run");
    let now = pipeline.now();
    for task in &kept.tasks {
        pipeline.store.intend(task.id, 1, now, None).expect("it is written");
    }
    // Minutes matter here, and each moment of this machine is some seconds. So the jobs begin well after their
    // triggers.
    tokio::time::sleep(minute / SPEED).await;
    pipeline.simulator.with(|world| {
        for source in (1..).take(LOST) {
            world.source(source).start(plan.clone()).expect("it starts");
        }
    });
    tokio::time::sleep(minute * 2 / SPEED).await;
    let (end, kept, simulator) = pipeline.run(|_| ()).await;
    let states: Vec<_> = kept.tasks.iter().map(|task| (task.state, &task.message)).collect();
    let jobs = |source: u64| simulator.with(|world| world.source(source).jobs().len());
    assert!((1..).take(LOST).all(|source| jobs(source) == 1), "{states:?}");
    assert_eq!(end, PipelineEnd::Ended(Outcome::Succeeded), "{states:?}");
    assert!(simulator.budget(CLIENT_ID).most_in_window <= Budget::LIMIT);
}
