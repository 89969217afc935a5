//! Describes itself with another name every time.

hostile_plugins::plugin!(
    describe = || Descriptor { name: format!("hostile-{}", wasi::random::random::get_random_u64()), ..honest() }
);
