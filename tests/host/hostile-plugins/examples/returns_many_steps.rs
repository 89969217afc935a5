//! Reports `size` steps (100,000).

hostile_plugins::plugin!(|call| {
    let step = |_| Step { name: String::new(), status: StepStatus::Succeeded, exit_code: None, message: None };
    let steps = (0..call.size(100_000)).map(step).collect();
    let report = Report { steps, ..report("it took many steps") };
    Ok(Progress::Finished(Finished { verdict: Verdict::Succeeded, report }))
});
