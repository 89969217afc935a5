//! Settling in a pipeline: all calls that may have started a run count, whoever made them.

use std::sync::mpsc;

use host_harness::pipeline::PipelineEnd;
use host_harness::store::{Outcome, Store};
use jiff::SignedDuration;
use stitch_simulator::{Fault, Plan, Route};

use crate::hurried_pipeline::HurriedPipeline;

/// Minutes matter here, and each moment of this machine is some seconds.
const SPEED: u32 = 30;

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_a_killed_process_started_to_settle_is_found_by_when_that_process_was_about_to() {
    for (written, outcome) in [(true, Outcome::Succeeded), (false, Outcome::Unknown)] {
        let mut pipeline = HurriedPipeline::at_speed(SPEED, "settled-before", vec![Plan::succeeds()]).await;
        let task = pipeline.store.pipeline_run(pipeline.id).expect("the run").tasks[0].id;
        let (now, minutes) = (pipeline.now(), SignedDuration::from_mins);
        let attempt = pipeline.store.intend(task, 1, now - minutes(60), None).expect("it is written");
        if written {
            pipeline.store.intend_to_settle(attempt, 1, now - minutes(10), None).expect("it is written");
        }
        let began = (minutes(9) - SignedDuration::from_secs(30)).unsigned_abs();
        pipeline.simulator.with(|world| world.source(1).job_ago(began, Plan::succeeds()).id());
        let (end, kept, simulator) = pipeline.run(|_| ()).await;
        assert_eq!(end, PipelineEnd::Ended(outcome), "{:?}", kept.tasks[0].message);
        assert_eq!(simulator.count(Route::StartJob), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_may_start_a_run_is_written_down_before_it_sends_anything() {
    let pipeline = HurriedPipeline::new("settle-written", vec![Plan::succeeds()]).await;
    pipeline.simulator.fault(Fault::on(Route::StartJob).reset().without_effect().times(2));
    let (path, id) = (pipeline.path.clone(), pipeline.id);
    let (tell, told) = mpsc::channel();
    pipeline.simulator.before(Route::ReadSource, 1, move |_| {
        let kept = Store::open_to_read(&path).and_then(|store| store.pipeline_run(id)).expect("the run");
        tell.send(kept.tasks[0].attempts[0].settles.len()).expect("somebody listens");
    });
    pipeline.run(|_| ()).await;
    assert_eq!(told.recv(), Ok(1));
}
