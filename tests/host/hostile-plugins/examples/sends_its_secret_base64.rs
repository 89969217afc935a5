//! Puts its secret into the password of Basic credentials, as some tools want it: honest.

hostile_plugins::plugin!(|call| {
    Request::get(call.base_url()).header("authorization", basic(call.token(), "x")).answer()
});
