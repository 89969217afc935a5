//! TLS trust: the root certificates for HTTPS.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};
use rustls::{ClientConfig, RootCertStore};

/// An error of setting up TLS.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// No protocol version or cipher suite can be used.
    #[error("TLS could not be set up: {0}")]
    Setup(#[from] rustls::Error),
    /// The additional certificates hold none.
    #[error("the additional root certificates hold no certificate: give them in PEM, from BEGIN to END CERTIFICATE")]
    NoCertificate,
    /// The additional certificates are not PEM.
    #[error("the additional root certificates cannot be read: {0}")]
    Unreadable(#[source] pem::Error),
    /// An additional certificate cannot be a root.
    #[error("an additional root certificate cannot be used: {0}")]
    Unusable(#[source] rustls::Error),
}

/// The system's roots, so that a company's own authority is trusted, and Mozilla's, for machines without a store.
pub(crate) fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    // An unreadable store or entry does not affect the other roots.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

/// These roots and the certificates of a PEM text (RFC 7468). Each must be usable, because someone has named them.
pub(crate) fn with_pem(mut roots: RootCertStore, pem: &[u8]) -> Result<RootCertStore, TlsError> {
    let before = roots.len();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        roots.add(certificate.map_err(TlsError::Unreadable)?).map_err(TlsError::Unusable)?;
    }
    if roots.len() == before { Err(TlsError::NoCertificate) } else { Ok(roots) }
}

pub(super) fn config(roots: RootCertStore) -> Result<ClientConfig, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(pem: &str) -> String {
        with_pem(RootCertStore::empty(), pem.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn additional_roots_without_a_certificate_are_refused() {
        let none =
            "the additional root certificates hold no certificate: give them in PEM, from BEGIN to END CERTIFICATE";
        assert_eq!(refusal(""), none);
        assert_eq!(refusal("hello"), none);
    }

    #[test]
    fn an_additional_root_that_breaks_off_is_refused() {
        let refusal = refusal("-----BEGIN CERTIFICATE-----\nAAAA\n");
        assert!(refusal.starts_with("the additional root certificates cannot be read: "), "{refusal}");
    }

    #[test]
    fn an_additional_root_that_is_no_certificate_is_refused() {
        let refusal = refusal("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        assert!(refusal.starts_with("an additional root certificate cannot be used: "), "{refusal}");
    }
}
