//! Sends its secret where it belongs and reports the answer, in which a tool may repeat it.

hostile_plugins::plugin!(|call| {
    let response = Request::get(call.base_url()).bearer(call.token()).send()?;
    succeeded(response.text())
});
