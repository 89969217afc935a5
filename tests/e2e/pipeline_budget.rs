//! The rate limit of an account: all tasks together stay within it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use host_harness::pipeline::{PipelineEnd, TaskEvent, What};
use host_harness::store::{Outcome, TaskState};
use http::StatusCode;
use stitch_simulator::{Budget, Fault, Plan, Route};

use crate::hurried_pipeline::HurriedPipeline;
use crate::scenario::CLIENT_ID;

const TASKS: usize = 200;

/// The events of the runner.
#[derive(Default)]
struct Told {
    /// The number of events on waiting for the rate limit.
    waits: usize,
    /// The number of other events of each task.
    news: Vec<usize>,
    /// The greatest difference in that between two tasks.
    widest: usize,
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_tasks_of_one_account_stay_within_its_budget_and_each_has_its_turn() {
    // Half of them are polled more than once before they end.
    let lasting = |hours| Plan::succeeds().lasting(hours, hours, Duration::from_mins(1));
    let plans = (0..TASKS).map(|task| lasting(if task % 2 == 0 { Duration::from_hours(1) } else { Duration::ZERO }));
    let pipeline = HurriedPipeline::new("budget", plans.collect()).await;
    let told = Arc::new(Mutex::new(Told { news: vec![0; TASKS], ..Told::default() }));
    let observed = Arc::clone(&told);
    let observe = move |event: TaskEvent<'_>| {
        let mut told = observed.lock().expect("no panic");
        match event.what {
            What::Queued { .. } => told.waits += 1,
            What::Running(_) => {
                told.news[event.task] += 1;
                // Only tasks that were polled count: a task's first event depends on its trigger.
                let polled = || told.news.iter().filter(|news| **news > 1);
                let widest = polled().max().zip(polled().min()).map_or(0, |(most, least)| most - least);
                told.widest = told.widest.max(widest);
            }
            _ => {}
        }
    };
    let (end, kept, simulator) = pipeline.run(observe).await;
    assert_eq!(end, PipelineEnd::Ended(Outcome::Succeeded));
    assert!(kept.tasks.iter().all(|task| task.state == TaskState::Ended(Outcome::Succeeded)));
    let budget = simulator.budget(CLIENT_ID);
    assert!(budget.requests >= TASKS, "{budget:?}");
    assert!(budget.most_in_window <= Budget::LIMIT, "{budget:?}");
    let told = told.lock().expect("no panic");
    // A busy machine may be too slow to reach the rate limit.
    assert!(told.waits > 0 || budget.most_in_window < Budget::LIMIT, "waiting is shown: {budget:?}");
    assert!(told.widest <= 4, "one task was told of {} times more often than another", told.widest);
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
