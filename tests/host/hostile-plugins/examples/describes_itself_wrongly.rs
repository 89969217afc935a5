//! Describes an origin that is none, a field twice, and a secret that is a number.

hostile_plugins::plugin!(
    describe = || {
        let mut descriptor = honest();
        descriptor.origins = vec!["file:///etc/passwd".to_owned(), "*".to_owned()];
        descriptor.connection.extend(honest().connection);
        descriptor.connection[2].kind = FieldKind::Integer;
        descriptor
    }
);
