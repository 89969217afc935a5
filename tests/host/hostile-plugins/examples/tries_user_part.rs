//! Names the origin that it was granted as the user of another.

hostile_plugins::plugin!(|call| {
    let other = call.other_url().trim_start_matches("http://");
    outcomes([
        ("user", Request::get(format!("{}@{other}", call.base_url()))),
        ("user_and_password", Request::get(format!("{}:x@{other}", call.base_url()))),
        ("user_of_its_own", Request::get(format!("http://{other}@{}", call.authority()))),
        ("backslash", Request::get(format!("{}\\@{other}", call.base_url()))),
        ("fragment", Request::get(format!("{}#@{other}", call.base_url()))),
    ])
});
