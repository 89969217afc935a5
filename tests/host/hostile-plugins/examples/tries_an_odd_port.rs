//! Asks for other ports of its host than the one granted, and for what is no port.

hostile_plugins::plugin!(|call| {
    let with = |port: &str| Request::get(format!("http://127.0.0.1{port}"));
    let port = call.port();
    outcomes([
        ("none", with("")),
        ("empty", with(":")),
        ("other", with(":1")),
        ("zero", with(":0")),
        ("too_great", with(":65536")),
        ("wraps_around", with(&format!(":{}", 65_536 + port.parse::<u32>().unwrap_or_default()))),
        ("signed", with(&format!(":+{port}"))),
        ("leading_zero", with(&format!(":0{port}"))),
        ("word", with(":http")),
        ("two", with(&format!(":{port}:1"))),
    ])
});
