//! Sends one request after the other, without end.

hostile_plugins::plugin!(|call| {
    loop {
        Request::get(call.base_url()).send()?;
    }
});
