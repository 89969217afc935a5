use std::io;
use std::sync::{Arc, LazyLock};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::Fault;

static AUTHORITY: LazyLock<CertifiedIssuer<'static, KeyPair>> =
    LazyLock::new(|| authority().expect("an authority of our own can be made"));

/// The certificate, in PEM, of the authority that vouches for every TLS server of this process: made anew in each process
/// and trusted by nobody who is not told to.
pub fn authority_pem() -> String {
    AUTHORITY.pem()
}

fn authority() -> Result<CertifiedIssuer<'static, KeyPair>, rcgen::Error> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "fault-server test authority");
    CertifiedIssuer::self_signed(params, KeyPair::generate()?)
}

/// How a server of this host shakes hands.
pub(crate) fn config(host: &str, fault: &Fault) -> io::Result<Arc<ServerConfig>> {
    let name = if *fault == Fault::OtherName { "elsewhere.example" } else { host };
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let mut params = CertificateParams::new([name.to_owned()]).map_err(io::Error::other)?;
    match fault {
        Fault::Expired => params.not_after = date_time_ymd(2001, 1, 1),
        Fault::NotYetValid => params.not_before = date_time_ymd(2999, 1, 1),
        Fault::AuthorityAsServer => params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained),
        _ => {}
    }
    let certificate = params.signed_by(&key, &AUTHORITY).map_err(io::Error::other)?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .map_err(io::Error::other)?;
    Ok(Arc::new(config))
}
