//! How long after a job's end its verdict is there, with many runs of one account: in simulated time.

use std::time::Duration;

use anyhow::ensure;
use host_harness::pipeline::PipelineEnd;
use host_harness::store::Outcome;
use stitch_simulator::{Plan, Route};

use crate::hurried_pipeline::HurriedPipeline;
use crate::scenario::CLIENT_ID;
use crate::table::Row;

/// A minute passes in a second: faster, and this machine's own delays would count.
const SPEED: u32 = 60;

pub(crate) async fn rows() -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for runs in [200, 2_000] {
        rows.extend(of(runs).await?);
    }
    Ok(rows)
}

async fn of(runs: u64) -> anyhow::Result<Vec<Row>> {
    let lasting = |minutes| Plan::succeeds().lasting(Duration::from_secs(60 * minutes), Duration::ZERO, Duration::ZERO);
    // The last begin while the first run.
    let plans = (0..runs).map(|task| lasting(5 + runs / 50 + task % 20)).collect();
    let (end, kept, simulator) = HurriedPipeline::at_speed(SPEED, "verdict", plans).await.run(|_| ()).await;
    ensure!(end == PipelineEnd::Ended(Outcome::Succeeded), "the pipeline ends as {end:?}");
    let mut delays: Vec<_> = kept
        .tasks
        .iter()
        .zip(1_u64..)
        .map(|(task, source)| {
            let ended = simulator.with(|world| world.source(source).jobs()[0].end());
            task.changed_at.duration_since(ended).unsigned_abs()
        })
        .collect();
    delays.sort_unstable();
    let mean = delays.iter().sum::<Duration>() / u32::try_from(runs)?;
    let late = delays[delays.len() * 95 / 100];
    let (budget, lists) = (simulator.budget(CLIENT_ID), simulator.count(Route::ListExtractions));
    // A request each 20 s, and each run is looked at by itself.
    let singly = Duration::from_secs(20 * runs / 2);
    let figure =
        format!("from a job's end to its verdict, {runs} runs of an account, in s: on average, at the 95th percentile");
    let measured = format!(
        "{}, {} ({lists} lists read; each run polled by itself: {} on average)",
        mean.as_secs(),
        late.as_secs(),
        singly.as_secs()
    );
    let most = budget.most_in_window;
    let row = if runs == 200 {
        let is_kept = mean <= Duration::from_mins(1) && late <= Duration::from_mins(2);
        Row::goal(figure, "≤ 60, ≤ 120", is_kept, measured)
    } else {
        Row::reported(figure, measured)
    };
    Ok(vec![
        row,
        Row::at_most(format!("most requests in 10 minutes, {runs} runs"), 30.0, most as f64, most.to_string()),
    ])
}
