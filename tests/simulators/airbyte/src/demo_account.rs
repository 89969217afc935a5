//! The demo account.

use std::time::Duration;

use crate::{Account, JobType, Plan};

/// The access token of the account.
pub const ACCESS_TOKEN: &str = "not-a-real-token-demo-0123456789abcdef";

/// The id and the secret of its application.
pub const APPLICATION: (&str, &str) = ("not-a-real-client-demo", "not-a-real-client-secret-demo-0123456789");

/// Its connections, with descriptions of their jobs.
pub const CONNECTIONS: [(&str, &str); 6] = [
    ("11111111-1111-4111-8111-111111111111", "succeeds after 1 s"),
    ("22222222-2222-4222-8222-222222222222", "fails after 1 s"),
    ("33333333-3333-4333-8333-333333333333", "succeeds after 2 s, its first attempt fails"),
    ("44444444-4444-4444-8444-444444444444", "syncs by itself, for an hour"),
    ("55555555-5555-4555-8555-555555555555", "fails the first time, succeeds the second, each after 1 s"),
    ("66666666-6666-4666-8666-666666666666", "succeeds after 1 s; nobody hears the first time that it started"),
];

/// The account.
pub fn demo_account() -> Account {
    let mut account = Account::new(ACCESS_TOKEN);
    account.application(APPLICATION.0, APPLICATION.1);
    let second = Duration::from_secs(1);
    let succeeds = Plan::succeeds().lasting(second);
    let fails = Plan::fails().lasting(second);
    let [steady, stubborn, retried, busy, flaky, lossy] = CONNECTIONS.map(|(id, _)| id);
    account.connection(steady).plan(succeeds.clone());
    account.connection(stubborn).plan(fails.clone());
    account.connection(retried).plan(Plan::succeeds().lasting(second * 2).after_a_retry());
    account.connection(busy).run_by_itself(JobType::Sync, Plan::succeeds().lasting(Duration::from_hours(1)));
    account.connection(flaky).plans([fails, succeeds.clone()]);
    account.connection(lossy).plans([succeeds.clone().losing_its_answer(), succeeds]);
    account
}
