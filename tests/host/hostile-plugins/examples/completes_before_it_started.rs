//! Says that the run ended before it began.

hostile_plugins::plugin!(|_call| {
    let report = Report {
        started_at: Some("2024-01-02T00:00:00Z".to_owned()),
        completed_at: Some("2024-01-01T00:00:00Z".to_owned()),
        ..report("all went well")
    };
    Ok(Progress::Finished(Finished { verdict: Verdict::Succeeded, report }))
});
