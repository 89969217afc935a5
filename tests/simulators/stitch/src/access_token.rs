use std::fmt;

/// An access token of the simulator. Made up, and kept out of `Debug` all the same, as a real one would be.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken(String);

impl AccessToken {
    /// True if `authorization`, the value of that header, carries this token as in RFC 6750, section 2.1.
    pub fn is_in(&self, authorization: &str) -> bool {
        authorization
            .split_once(' ')
            .is_some_and(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer") && token == self.0)
    }
}

impl From<&str> for AccessToken {
    fn from(token: &str) -> Self {
        Self(token.to_owned())
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AccessToken(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_token() {
        assert_eq!(format!("{:?}", AccessToken::from("secret")), "AccessToken(redacted)");
    }

    #[test]
    fn only_its_own_bearer_header_carries_it() {
        let token = AccessToken::from("secret");
        assert!(token.is_in("Bearer secret"));
        assert!(token.is_in("bearer secret"));
        for other in ["", "secret", "Basic secret", "Bearer", "Bearer secret2", "Bearer  secret"] {
            assert!(!token.is_in(other), "{other:?}");
        }
    }
}
