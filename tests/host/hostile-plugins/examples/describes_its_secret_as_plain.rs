//! Says that its secret is none, to get it as it is.

hostile_plugins::plugin!(
    describe = || {
        let mut honest = honest();
        for field in &mut honest.connection {
            field.secret = false;
        }
        honest
    }
);
