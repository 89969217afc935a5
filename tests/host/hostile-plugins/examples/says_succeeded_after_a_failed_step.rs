//! Says that all went well, and that a step failed.

hostile_plugins::plugin!(|_call| {
    let step = Step { name: "tap".to_owned(), status: StepStatus::Failed, exit_code: Some(1), message: None };
    let report = Report { steps: vec![step], ..report("all went well") };
    Ok(Progress::Finished(Finished { verdict: Verdict::Succeeded, report }))
});
