//! Polled for many runs, it repeats its secret in a report for each, and in an error for the last.

hostile_plugins::plugin!(
    poll_many = |call, runs| {
        let said = format!("the token is {}", call.token());
        let mut results = vec![succeeded(&*said); runs.len() - 1];
        results.push(Err(failed(ErrorKind::Unauthorized, "unauthorized", said)));
        results
    }
);
