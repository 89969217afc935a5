//! From the name to the end of the TLS handshake.

use fault_server::{Fault, Server};
use http::Method;
use rustls::RootCertStore;
use tokio::net::TcpListener;

use super::{Client, all, client, error, fetch, limits, ok, over_tcp, over_tls};

#[tokio::test]
async fn a_server_that_behaves_answers() {
    assert_eq!(all(Fault::None).await, ok("ok"));
}

#[tokio::test]
async fn a_server_that_is_mute_ends_at_a_limit() {
    assert_eq!(over_tls(Fault::Mute).await, error("ConnectionTimeout"));
    assert_eq!(over_tcp(Fault::Mute).await, error("ConnectionReadTimeout"));
}

#[tokio::test]
async fn a_handshake_that_stalls_ends_at_the_connect_limit() {
    assert_eq!(over_tls(Fault::MuteInHandshake).await, error("ConnectionTimeout"));
}

#[tokio::test]
async fn a_handshake_that_breaks_off_is_a_tls_error() {
    assert_eq!(over_tls(Fault::ResetInHandshake).await, error("TlsProtocolError"));
    assert_eq!(over_tls(Fault::ResetOnAccept).await, error("TlsProtocolError"));
    assert_eq!(over_tls(Fault::CloseOnAccept).await, error("TlsProtocolError"));
}

#[tokio::test]
async fn a_connection_that_breaks_off_is_terminated() {
    assert_eq!(over_tcp(Fault::ResetOnAccept).await, error("ConnectionTerminated"));
    assert_eq!(over_tcp(Fault::CloseOnAccept).await, error("ConnectionTerminated"));
}

#[tokio::test]
async fn a_server_of_another_protocol_is_a_protocol_error() {
    assert_eq!(over_tls(Fault::OtherProtocol).await, error("TlsProtocolError"));
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    assert_eq!(over_tls(Fault::OtherName).await, error("TlsCertificateError"));
}

#[tokio::test]
async fn a_certificate_that_has_expired_is_refused() {
    assert_eq!(over_tls(Fault::Expired).await, error("TlsCertificateError"));
}

#[tokio::test]
async fn an_authority_that_nobody_trusts_is_refused() {
    let server = Server::tls(Fault::None).await.unwrap();
    let client = Client::new(&limits(), RootCertStore::empty()).unwrap();
    let answer = fetch(&client, &limits(), Method::POST, &server.url()).await;
    assert_eq!(answer, error("TlsCertificateError"));
    assert_eq!(server.counts().requests, 0);
}

#[tokio::test]
async fn a_port_where_nobody_listens_refuses() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let answer = fetch(&client(&limits()), &limits(), Method::GET, &url).await;
    assert_eq!(answer, error("ConnectionRefused"));
}

#[tokio::test]
async fn a_name_without_an_address_is_a_dns_error() {
    // A label of more than 63 octets (RFC 1035, section 2.3.4): no resolver is asked.
    let url = format!("http://{}.invalid/", "a".repeat(64));
    let answer = fetch(&client(&limits()), &limits(), Method::GET, &url).await.unwrap_err();
    assert!(answer.starts_with("DnsError"), "{answer}");
}
