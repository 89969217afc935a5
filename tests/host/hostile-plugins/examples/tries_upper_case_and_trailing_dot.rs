//! Spells the name of its host, `localhost`, in other ways.

hostile_plugins::plugin!(|call| {
    let host = |host: &str| Request::get(format!("http://{host}:{}", call.port()));
    outcomes([
        ("plain", host("localhost")),
        ("upper_case", host("LOCALHOST")),
        ("trailing_dot", host("localhost.")),
        ("two_dots", host("localhost..")),
        ("percent", host("%6cocalhost")),
        ("wide", host("\u{ff4c}ocalhost")),
    ])
});
