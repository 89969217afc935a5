//! Sends its secret as the method.

hostile_plugins::plugin!(|call| {
    Request::get(call.base_url()).method(Method::Other(call.token().to_owned())).answer()
});
