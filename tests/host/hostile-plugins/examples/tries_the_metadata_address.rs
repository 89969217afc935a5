//! Asks the address at which clouds hand out credentials.

hostile_plugins::plugin!(|_call| {
    outcomes([
        ("plain", Request::get("http://169.254.169.254/latest/meta-data/")),
        ("mapped", Request::get("http://[::ffff:169.254.169.254]/latest/meta-data/")),
        ("nat64", Request::get("http://[64:ff9b::169.254.169.254]/latest/meta-data/")),
        ("ipv6", Request::get("http://[fd00:ec2::254]/latest/meta-data/")),
    ])
});
