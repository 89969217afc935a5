//! Fails with an error that holds its secret.

hostile_plugins::plugin!(|call| {
    Err(failed(ErrorKind::Unauthorized, "unauthorized", format!("the token {} is not accepted", call.token())))
});
