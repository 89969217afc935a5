//! Spells 127.0.0.1 as only old C libraries read it.

hostile_plugins::plugin!(|call| {
    let host = |host: &str| Request::get(format!("http://{host}:{}", call.port()));
    outcomes([
        ("integer", host("2130706433")),
        ("hexadecimal", host("0x7f.1")),
        ("octal", host("0177.0.0.1")),
        ("short", host("127.1")),
        ("mapped", host("[::ffff:127.0.0.1]")),
        ("ipv6", host("[::1]")),
        ("any", host("0.0.0.0")),
    ])
});
