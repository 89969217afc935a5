//! A wall clock that was set back since the store was written: nothing is lost or triggered twice.

use std::time::Duration;

use host_harness::pipeline::PipelineEnd;
use host_harness::store::{Outcome, TaskState};
use stitch_simulator::{Plan, Route};

use crate::hurried_pipeline::HurriedPipeline;

/// Long enough that a busy machine does not come there meanwhile.
const DAY: Duration = Duration::from_hours(24);

#[tokio::test(flavor = "multi_thread")]
async fn a_trigger_of_before_the_clock_was_set_back_is_left_to_a_person() {
    let mut pipeline = HurriedPipeline::new("intended", vec![Plan::succeeds()]).await;
    let task = pipeline.store.pipeline_run(pipeline.id).expect("the run").tasks[0].id;
    let later = pipeline.ahead(DAY);
    pipeline.store.intend(task, 1, later, None).expect("it is written");
    let (end, kept, simulator) = pipeline.run(|_| ()).await;
    assert_eq!(end, PipelineEnd::Ended(Outcome::Unknown));
    assert_eq!(kept.tasks[0].state, TaskState::Ended(Outcome::Unknown));
    assert_eq!(simulator.count(Route::StartJob), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_before_the_clock_was_set_back_is_watched_to_its_end() {
    let mut pipeline = HurriedPipeline::new("running", vec![Plan::succeeds()]).await;
    let later = pipeline.ahead(2 * DAY);
    let (task, run, report) = pipeline.triggered(0).await;
    let attempt = pipeline.store.intend(task, 1, later, None).expect("it is written");
    pipeline.store.running(attempt, &run, &report, later + DAY, later).expect("it is written");
    let (end, kept, simulator) = pipeline.run(|_| ()).await;
    assert_eq!(end, PipelineEnd::Ended(Outcome::Succeeded));
    assert_eq!(kept.tasks[0].attempts.len(), 1);
    assert_eq!(simulator.count(Route::StartJob), 1);
}
