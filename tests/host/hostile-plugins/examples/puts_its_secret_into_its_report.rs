//! Reports its secret.

hostile_plugins::plugin!(|call| succeeded(format!("the token is {}", call.token())));
