//! Asks once for all of its runs and says of each that it has ended, with the answer.

hostile_plugins::plugin!(
    poll_many = |call, runs| {
        let answer = Request::get(call.base_url()).bearer(call.token()).answer();
        vec![answer; runs.len()]
    }
);
