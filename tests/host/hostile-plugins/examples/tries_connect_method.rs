//! Asks for a tunnel.

hostile_plugins::plugin!(|call| {
    let with = |method| Request::get(call.base_url()).method(method);
    outcomes([("connect", with(Method::Connect)), ("other", with(Method::Other("CONNECT".to_owned())))])
});
