//! Sets the headers that are the host's own.

hostile_plugins::plugin!(|call| {
    let names = [
        "connection",
        "host",
        "http2-settings",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "transfer-encoding",
        "upgrade",
    ];
    outcomes(names.map(|name| (name, Request::get(call.base_url()).header(name, "x"))))
});
