//! Guests that want to go where they may not.

use host_harness::Denial;

use crate::scenario::{Scenario, assert_facts, facts, origin, refused};

#[tokio::test]
async fn tries_an_origin_not_allowed_is_denied() {
    let scenario = Scenario::of("tries_an_origin_not_allowed").await;
    let call = scenario.trigger().await;
    assert_eq!(call.denied, [Denial::Origin(origin(&scenario.other).parse().expect("an origin"))]);
    assert_eq!(refused(call).code, "http_request_denied");
    assert_eq!(scenario.other.counts().connections, 0);
}

#[tokio::test]
async fn tries_an_origin_not_allowed_reaches_it_once_it_is() {
    let scenario = Scenario::of("tries_an_origin_not_allowed").await;
    let other = origin(&scenario.other);
    let scenario = scenario.granting_also(&other);
    assert_eq!(facts(scenario.trigger().await)[0].1, "200");
    assert_eq!(scenario.other.counts().requests, 1);
}

#[tokio::test]
async fn tries_user_part_reaches_neither() {
    let scenario = Scenario::of("tries_user_part").await;
    let call = scenario.trigger().await;
    assert_eq!(scenario.other.counts().connections, 0);
    assert_eq!(scenario.server.counts().connections, 0);
    let shown = format!("the plugin asked for `***@{}`, which names no origin", scenario.other.address());
    assert!(call.denied.iter().any(|denial| denial.to_string() == shown), "{:?}", call.denied);
    assert_facts(
        call,
        &[
            ("user", "http_request_uri_invalid"),
            ("user_and_password", "http_request_uri_invalid"),
            ("user_of_its_own", "http_request_uri_invalid"),
            ("backslash", "refused_authority"),
            ("fragment", "refused_authority"),
        ],
    );
}

#[tokio::test]
async fn tries_an_odd_port_reaches_the_one_granted_alone() {
    let scenario = Scenario::of("tries_an_odd_port").await;
    let call = scenario.trigger().await;
    assert_facts(
        call,
        &[
            ("none", "http_request_denied"),
            ("empty", "http_request_denied"),
            ("other", "http_request_denied"),
            ("zero", "http_request_uri_invalid"),
            ("too_great", "http_request_uri_invalid"),
            ("wraps_around", "http_request_uri_invalid"),
            ("signed", "http_request_uri_invalid"),
            ("leading_zero", "200"),
            ("word", "http_request_uri_invalid"),
            ("two", "refused_authority"),
        ],
    );
}

#[tokio::test]
async fn tries_upper_case_and_trailing_dot_is_denied_each_without_the_right() {
    let scenario = Scenario::of("tries_upper_case_and_trailing_dot").await.granting_nothing();
    let call = scenario.trigger().await;
    // Not even looked up.
    assert_eq!(call.requests, []);
    assert_eq!(scenario.server.counts().connections, 0);
    assert!(facts(call).iter().all(|(_, outcome)| outcome != "200"));
}

#[tokio::test]
async fn tries_upper_case_and_trailing_dot_has_one_origin_for_them_all() {
    let scenario = Scenario::of("tries_upper_case_and_trailing_dot").await;
    let granted = origin(&scenario.server).replace("127.0.0.1", "localhost");
    let call = scenario.granting_internal(&granted).trigger().await;
    assert_facts(
        call,
        &[
            ("plain", "200"),
            ("upper_case", "200"),
            ("trailing_dot", "200"),
            ("two_dots", "http_request_uri_invalid"),
            ("percent", "refused_authority"),
            ("wide", "refused_authority"),
        ],
    );
}

#[tokio::test]
async fn tries_upper_case_and_trailing_dot_is_denied_each_where_the_name_leads_to_this_machine() {
    let scenario = Scenario::of("tries_upper_case_and_trailing_dot").await;
    let granted = origin(&scenario.server).replace("127.0.0.1", "localhost");
    let scenario = scenario.granting(&granted);
    let call = scenario.trigger().await;
    assert_eq!(scenario.server.counts().connections, 0);
    assert!(call.denied.iter().any(|denial| matches!(denial, Denial::Address { .. })), "{:?}", call.denied);
    assert!(facts(call).iter().all(|(_, outcome)| outcome != "200"));
}

#[tokio::test]
async fn tries_the_metadata_address_is_denied_before_a_packet_leaves() {
    let call = Scenario::of("tries_the_metadata_address").await.trigger().await;
    assert_eq!(call.requests, []);
    let denied: Vec<String> = call.denied.iter().map(ToString::to_string).collect();
    assert!(denied.contains(&"the plugin asked for http://169.254.169.254, which is not allowed".to_owned()));
    let denied = "http_request_denied";
    assert_facts(call, &[("plain", denied), ("mapped", denied), ("nat64", denied), ("ipv6", denied)]);
}

#[tokio::test]
async fn tries_integer_and_octal_addresses_is_denied_each_without_the_right() {
    let scenario = Scenario::of("tries_integer_and_octal_addresses").await.granting_nothing();
    let call = scenario.trigger().await;
    assert_eq!(call.requests, []);
    assert_eq!(scenario.server.counts().connections, 0);
    assert!(facts(call).iter().all(|(_, outcome)| outcome == "http_request_denied"));
}

#[tokio::test]
async fn tries_integer_and_octal_addresses_has_one_origin_for_them_all() {
    let call = Scenario::of("tries_integer_and_octal_addresses").await.trigger().await;
    assert!(call.requests.iter().all(|request| request.origin.to_string().starts_with("http://127.0.0.1:")));
    assert_facts(
        call,
        &[
            ("integer", "200"),
            ("hexadecimal", "200"),
            ("octal", "200"),
            ("short", "200"),
            ("mapped", "200"),
            ("ipv6", "http_request_denied"),
            ("any", "http_request_denied"),
        ],
    );
}

#[tokio::test]
async fn tries_connect_method_gets_no_tunnel() {
    let scenario = Scenario::of("tries_connect_method").await;
    let call = scenario.trigger().await;
    assert_eq!(scenario.server.counts().connections, 0);
    let shown = format!("the plugin asked for CONNECT at {}, which is allowed to none", origin(&scenario.server));
    assert!(call.denied.iter().any(|denial| denial.to_string() == shown), "{:?}", call.denied);
    assert_facts(call, &[("connect", "http_request_method_invalid"), ("other", "http_request_method_invalid")]);
}
