//! More than one request of one client.

use fault_server::{Counts, Fault, Server};
use http::Method;

use super::{Answer, all_closed, client, error, fetch, limits, ok};

/// What one client's requests come to, in their order.
async fn in_turn<const N: usize>(server: &Server, methods: [Method; N]) -> [Answer; N] {
    let client = client(&limits());
    let mut answers = [const { Ok((0, String::new())) }; N];
    for (method, answer) in methods.into_iter().zip(&mut answers) {
        *answer = fetch(&client, &limits(), method, &server.url()).await;
    }
    answers
}

fn counts(connections: usize, requests: usize, posts: usize) -> Counts {
    Counts { connections, requests, posts, open: 0 }
}

#[tokio::test]
async fn gets_share_a_connection() {
    for server in [Server::plain(Fault::None).await.unwrap(), Server::tls(Fault::None).await.unwrap()] {
        assert_eq!(in_turn(&server, [Method::GET, Method::GET, Method::GET]).await, [ok("ok"), ok("ok"), ok("ok")]);
        all_closed(&server).await;
        assert_eq!(server.counts(), counts(1, 3, 0));
    }
}

#[tokio::test]
async fn posts_share_no_connection() {
    let server = Server::plain(Fault::None).await.unwrap();
    let answers = in_turn(&server, [Method::GET, Method::POST, Method::DELETE, Method::POST, Method::GET]).await;
    assert_eq!(answers, std::array::from_fn(|_| ok("ok")));
    all_closed(&server).await;
    assert_eq!(server.counts(), counts(4, 5, 2));
}

/// The peer closes a connection that it has kept alive just when the client would use it again.
#[tokio::test]
async fn a_stale_connection_does_not_make_the_outcome_of_a_post_unknown() {
    for n in 0..40 {
        let fault = if n % 2 == 0 { Fault::CloseAfterAnswer } else { Fault::CloseOnSecondRequest };
        let server = Server::plain(fault).await.unwrap();
        assert_eq!(in_turn(&server, [Method::GET, Method::POST]).await, [ok("ok"), ok("ok")]);
        all_closed(&server).await;
        assert_eq!(server.counts(), counts(2, 2, 1));
    }
}

#[tokio::test]
async fn a_get_that_was_sent_on_a_stale_connection_is_not_sent_again() {
    let server = Server::plain(Fault::CloseOnSecondRequest).await.unwrap();
    let answers = in_turn(&server, [Method::GET, Method::GET]).await;
    assert_eq!(answers, [ok("ok"), error("ConnectionTerminated")]);
    all_closed(&server).await;
    assert_eq!(server.counts(), counts(1, 2, 0));
}

#[tokio::test]
async fn what_follows_a_response_answers_no_other_request() {
    for _ in 0..20 {
        let server = Server::plain(Fault::LongBody).await.unwrap();
        assert_eq!(in_turn(&server, [Method::GET, Method::GET]).await, [ok("ok"), ok("ok")]);
    }
}
