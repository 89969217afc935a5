//! Puts line breaks, and a request of its own after them, into every part of a request.

hostile_plugins::plugin!(|call| {
    let request = || Request::get(call.base_url());
    let smuggled = "x\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n";
    outcomes([
        ("header_value", request().header("x", smuggled)),
        ("header_value_lf", request().header("x", "x\nsmuggled: x")),
        ("header_value_nul", request().header("x", "x\0smuggled")),
        ("header_name", request().header(smuggled, "x")),
        ("method", request().method(Method::Other(smuggled.to_owned()))),
        ("path", Request::get(format!("{}/{smuggled}", call.base_url()))),
        ("space_in_path", Request::get(format!("{}/x HTTP/1.1", call.base_url()))),
        ("authority", Request::get(format!("{}\r\nx: x", call.base_url()))),
    ])
});
