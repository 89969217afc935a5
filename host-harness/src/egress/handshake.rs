//! TLS handshake errors, in words that say what the peer did and what to do.

use std::io::ErrorKind;

use rustls::{AlertDescription, CertificateError, Error, InvalidMessage};
use wasmtime_wasi_http::Error as Code;

/// The code and the reason of a handshake that TLS ended.
pub(super) fn failed(error: &Error) -> (Code, String) {
    match error {
        Error::InvalidCertificate(problem) => (Code::TlsCertificateError, certificate(problem)),
        Error::AlertReceived(alert) => (Code::TlsProtocolError, refused(*alert)),
        Error::InvalidMessage(InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion) => {
            let reason =
                "it does not answer in TLS: its port may speak plain HTTP, for which the URL begins with http://";
            (Code::TlsProtocolError, reason.to_owned())
        }
        Error::PeerIncompatible(_) => {
            let reason = "it has no TLS version or cipher suite in common with this host: TLS 1.2 or 1.3 is needed";
            (Code::TlsProtocolError, reason.to_owned())
        }
        error => (Code::TlsProtocolError, format!("its TLS handshake makes no sense: {error}")),
    }
}

/// The reason of a handshake that ended with its connection.
pub(super) fn broken_off(kind: Option<ErrorKind>) -> &'static str {
    match kind {
        Some(ErrorKind::UnexpectedEof) => "it closed the connection during the TLS handshake",
        Some(ErrorKind::ConnectionReset | ErrorKind::BrokenPipe) => "it reset the connection during the TLS handshake",
        _ => "the connection broke off during the TLS handshake",
    }
}

/// The reason of a connection that TLS ended after the handshake. In TLS 1.3 a server checks a client's certificate
/// only then, so the request may have been sent.
pub(super) fn ended(error: &Error) -> Option<String> {
    match error {
        Error::AlertReceived(alert) => Some(format!("it ended the TLS connection with {}", named(*alert))),
        _ => None,
    }
}

fn refused(alert: AlertDescription) -> String {
    format!("it refused the TLS handshake with {}", named(alert))
}

/// The name of an alert (RFC 8446, section 6.2), with its number.
fn named(alert: AlertDescription) -> String {
    let (name, number) = (format!("{alert:?}"), u8::from(alert));
    let why = match alert {
        AlertDescription::CertificateRequired => ": it wants a client certificate, which this host has none of",
        AlertDescription::HandshakeFailure => {
            ": it has no cipher suite in common with this host, or wants a client certificate"
        }
        AlertDescription::ProtocolVersion => ": it speaks neither TLS 1.2 nor TLS 1.3",
        AlertDescription::UnrecognisedName => ": it serves no such host name, so see whether the URL has the right one",
        _ => "",
    };
    format!("the alert {name} ({number}){why}")
}

fn certificate(problem: &CertificateError) -> String {
    use CertificateError::{
        BadSignature, Expired, ExpiredContext, InvalidPurpose, InvalidPurposeContext, NotValidForName,
        NotValidForNameContext, NotValidYet, NotValidYetContext, Other, UnknownIssuer,
        UnsupportedSignatureAlgorithmContext, UnsupportedSignatureAlgorithmForPublicKeyContext,
    };
    // These two come from the verifier, on which we do not depend directly: known by their names.
    let other = if let Other(other) = problem { other.to_string() } else { String::new() };
    let reason = match problem {
        UnknownIssuer => {
            "its certificate is of an authority that is not trusted here: add that authority to the system's certificates, or name \
             its file in SSL_CERT_FILE; a proxy in between may sign with one of its own"
        }
        NotValidForName | NotValidForNameContext { .. } => {
            "its certificate is for another host name: see whether the URL has the right one"
        }
        Expired | ExpiredContext { .. } => {
            "its certificate has expired: whoever runs it must renew it, or this machine's clock is wrong"
        }
        NotValidYet | NotValidYetContext { .. } => {
            "its certificate is not valid yet: see whether this machine's clock is right"
        }
        UnsupportedSignatureAlgorithmContext { .. } | UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "its certificate is signed in a way that is not safe any more, such as with SHA-1: whoever runs it must install a new one"
        }
        BadSignature => {
            "the signature of its certificate does not hold: it is damaged, or by a key that is too short (RSA below 2048 \
             bits), and whoever runs it must install a new one"
        }
        InvalidPurpose | InvalidPurposeContext { .. } => {
            "its certificate is not one for a server: whoever runs it must install one that is"
        }
        _ if other.contains("CaUsedAsEndEntity") => {
            "its certificate is an authority's (CA) and not a server's: whoever runs it must install one for the server"
        }
        _ if other.contains("UnsupportedCertVersion") => {
            "its certificate is of X.509 version 1: whoever runs it must install one of version 3"
        }
        problem => return format!("its certificate cannot be used: {problem}"),
    };
    reason.to_owned()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::OtherError;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct OfVerifier(&'static str);

    #[test]
    fn what_the_verifier_alone_has_a_name_for_is_told_too() {
        let told = |name| certificate(&CertificateError::Other(OtherError(Arc::new(OfVerifier(name)))));
        assert!(told("UnsupportedCertVersion").starts_with("its certificate is of X.509 version 1: "));
        assert!(told("CaUsedAsEndEntity").starts_with("its certificate is an authority's (CA) and not a server's: "));
        assert!(told("SomethingNew").starts_with("its certificate cannot be used: "), "{}", told("SomethingNew"));
        assert!(certificate(&CertificateError::BadSignature).contains("RSA below 2048 bits"));
        let wanted = ended(&Error::AlertReceived(AlertDescription::CertificateRequired));
        let reason = "it ended the TLS connection with the alert CertificateRequired (116): it wants a client certificate, which this \
                      host has none of";
        assert_eq!(wanted.as_deref(), Some(reason));
        let unknown = certificate(&CertificateError::UnknownIssuer);
        assert!(unknown.contains("name its file in SSL_CERT_FILE"), "{unknown}");
    }
}
