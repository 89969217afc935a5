//! Writes its secret to stderr.

hostile_plugins::plugin!(|call| {
    eprintln!("the token is {}", call.token());
    succeeded("it is said")
});
