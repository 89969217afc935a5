//! Sends a request when asked what it is.

hostile_plugins::plugin!(
    describe = || {
        let tool = match Request::get("http://127.0.0.1:1").send() {
            Ok(_) => "answered".to_owned(),
            Err(failure) => failure.code(),
        };
        Descriptor { tool, ..honest() }
    }
);
