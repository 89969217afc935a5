//! Faults from the name lookup to the end of the TLS handshake.

use fault_server::{Fault, Server};
use http::{Method, Request};
use rustls::RootCertStore;
use tokio::net::TcpListener;
use tokio::time::Instant;
use wasmtime_wasi_http::WasiBody;

use super::{Client, all, client, error, fetch, limits, ok, over_tcp, over_tls};
use crate::egress::client::NoResponse;
use crate::egress::policy::grant::AddressScope;
use crate::egress::timeouts::Timeouts;

#[tokio::test]
async fn a_server_that_behaves_answers() {
    assert_eq!(all(Fault::None).await, ok("ok"));
}

#[tokio::test]
async fn a_server_that_is_mute_ends_at_a_limit() {
    assert_eq!(over_tls(Fault::Mute).await, error("DestinationUnavailable"));
    assert_eq!(over_tcp(Fault::Mute).await, error("ConnectionReadTimeout"));
}

#[tokio::test]
async fn a_handshake_that_stalls_ends_at_the_connect_limit() {
    assert_eq!(over_tls(Fault::MuteInHandshake).await, error("DestinationUnavailable"));
}

/// The error for a TLS server with this fault. Its code proves that nothing was sent, and the server gets no request.
async fn unreached(fault: Fault) -> String {
    let expected = match fault {
        Fault::OtherName | Fault::Expired | Fault::NotYetValid | Fault::AuthorityAsServer => "TlsCertificateError",
        _ => "DestinationUnavailable",
    };
    assert_eq!(over_tls(fault.clone()).await, error(expected));
    let server = Server::tls(fault).await.unwrap();
    let request = Request::post(server.url()).body(WasiBody::default()).unwrap();
    let times = Timeouts::new(&limits(), None, Instant::now());
    let response = client(&limits()).send(request, AddressScope::Public, times).await;
    assert_eq!(server.counts().requests, 0);
    match response {
        Err(NoResponse::Unreached { reason, .. }) => reason,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it answered"),
    }
}

#[tokio::test]
async fn whatever_breaks_a_handshake_off_nothing_was_sent_and_the_reason_says_what_the_peer_did() {
    let plain_http = "it does not answer in TLS: its port may speak plain HTTP, for which the URL begins with http://";
    for (fault, reason) in [
        (Fault::Mute, "there was no connection within 300ms"),
        (Fault::MuteInHandshake, "there was no connection within 300ms"),
        (Fault::ResetInHandshake, "it reset the connection during the TLS handshake"),
        (Fault::CloseInHandshake, "it closed the connection during the TLS handshake"),
        (Fault::PlainHttp, plain_http),
        (Fault::OtherProtocol, plain_http),
        (
            Fault::Alert(40),
            "it refused the TLS handshake with the alert HandshakeFailure (40): it has no cipher suite in common with this host, \
             or wants a client certificate",
        ),
        (
            Fault::Alert(70),
            "it refused the TLS handshake with the alert ProtocolVersion (70): it speaks neither TLS 1.2 nor TLS 1.3",
        ),
        (
            Fault::Alert(112),
            "it refused the TLS handshake with the alert UnrecognisedName (112): it serves no such host name, so see whether the \
             URL has the right one",
        ),
        (Fault::Alert(80), "it refused the TLS handshake with the alert InternalError (80)"),
    ] {
        assert_eq!(unreached(fault.clone()).await, reason, "{fault:?}");
    }
    // Unread bytes decide which of the two becomes a reset.
    for fault in [Fault::ResetOnAccept, Fault::CloseOnAccept] {
        assert!(unreached(fault).await.ends_with("the connection during the TLS handshake"));
    }
}

#[tokio::test]
async fn each_way_in_which_a_certificate_does_not_hold_is_told_with_what_to_do() {
    for (fault, reason) in [
        (Fault::OtherName, "its certificate is for another host name: see whether the URL has the right one"),
        (
            Fault::Expired,
            "its certificate has expired: whoever runs it must renew it, or this machine's clock is wrong",
        ),
        (Fault::NotYetValid, "its certificate is not valid yet: see whether this machine's clock is right"),
        (
            Fault::AuthorityAsServer,
            "its certificate is an authority's (CA) and not a server's: whoever runs it must install one for the server",
        ),
    ] {
        assert_eq!(unreached(fault.clone()).await, reason, "{fault:?}");
    }
}

#[tokio::test]
async fn no_bytes_in_the_place_of_a_handshake_let_anything_out() {
    // From a Lehmer generator: records of every type, cut anywhere, and bytes that are not records.
    let mut chance = 7_u32;
    let mut byte = || {
        chance = u32::try_from(u64::from(chance) * 48_271 % 0x7fff_ffff).unwrap();
        u8::try_from(chance % 256).unwrap()
    };
    for round in 0..60_u8 {
        let mut bytes: Vec<u8> = (0..byte() % 40).map(|_| byte()).collect();
        if round % 2 == 0 {
            bytes.splice(0..0, [20 + round % 5, 3, 3, 0, byte() % 64]);
        }
        unreached(Fault::Bytes(bytes)).await;
    }
}

#[tokio::test]
async fn a_connection_that_breaks_off_is_terminated() {
    assert_eq!(over_tcp(Fault::ResetOnAccept).await, error("ConnectionTerminated"));
    assert_eq!(over_tcp(Fault::CloseOnAccept).await, error("ConnectionTerminated"));
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
