//! The example that embeds the host, run unchanged.

#[allow(dead_code, unreachable_pub, reason = "it is a program: its main function is for the command line")]
#[path = "../../host-harness/examples/embed.rs"]
mod example;

use host_harness::{Inputs, Secret};
use stitch_simulator::{Phase, Plan};

use crate::artifact;
use crate::scenario::{SOURCE_ID, Scenario, TOKEN};

#[tokio::test]
async fn the_example_gives_the_verdict() {
    let at_once = std::time::Duration::ZERO;
    let plan = Plan::fails(Phase::Discovery, 1, "boom").lasting(at_once, at_once, at_once);
    let scenario = Scenario::planned(plan).await;
    let url = scenario.simulator.url();
    let inputs = Inputs::default()
        .connection("base_url", &url)
        .secret("access_token", Secret::new(TOKEN))
        .parameter("source_id", SOURCE_ID.to_string());
    let verdict = example::run(artifact::plugin(), &url, inputs).await;
    assert_eq!(verdict.expect("a verdict").as_str(), "failed");
}
