//! Whom HTTPS trusts.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};

/// TLS could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("TLS could not be set up: {0}")]
pub struct TlsError(#[from] rustls::Error);

/// The system's roots, so that a company's own authority counts, and Mozilla's, for machines without a store.
pub(super) fn config() -> Result<ClientConfig, TlsError> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    // A store that cannot be read, or an entry of it, takes nothing from what the others vouch for.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}
