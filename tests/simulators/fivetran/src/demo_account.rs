//! The demo account.

use std::time::Duration;

use crate::{Account, Plan, SetupState};

/// The API key of the account.
pub const API_KEY: &str = "not-a-real-key-demo";

/// The secret that goes with it.
pub const API_SECRET: &str = "not-a-real-secret-demo-0123456789abcdef";

/// Its connections, with descriptions of their syncs.
pub const CONNECTIONS: [(&str, &str); 10] = [
    ("steady_elephant", "succeeds after 1 s"),
    ("stubborn_mule", "fails after 1 s"),
    ("flaky_firefly", "fails the first time, succeeds the second, each after 1 s"),
    ("broken_bridge", "breaks after 1 s"),
    ("busy_beaver", "is syncing by Fivetran's own schedule, for an hour"),
    ("patient_tortoise", "is put off after 1 s, for 2 s, and then succeeds by itself"),
    ("stalled_snail", "is put off after 1 s, and its schedule is manual: Fivetran does not go on by itself"),
    ("sleepy_panda", "is paused"),
    ("unfinished_sonata", "is not set up"),
    ("lossy_lantern", "succeeds after 1 s; nobody hears the first time that it started, and its schedule is manual"),
];

/// The account.
pub fn demo_account() -> Account {
    let mut account = Account::new(API_KEY, API_SECRET);
    let second = Duration::from_secs(1);
    let succeeds = Plan::succeeds().lasting(second);
    let fails = Plan::fails("Reconnect the source").lasting(second);
    account.connection("steady_elephant").plan(succeeds.clone());
    account.connection("stubborn_mule").plan(fails.clone());
    account.connection("flaky_firefly").plans([fails, succeeds.clone()]);
    account.connection("broken_bridge").plan(Plan::breaks("The password has expired").lasting(second));
    account.connection("busy_beaver").sync_by_itself(Plan::succeeds().lasting(Duration::from_hours(1)));
    account.connection("patient_tortoise").plan(Plan::is_put_off(second * 2).lasting(second));
    account.connection("stalled_snail").scheduled_manually().plan(Plan::is_put_off(second * 2).lasting(second));
    account.connection("sleepy_panda").pause(true);
    account.connection("unfinished_sonata").set_up(SetupState::Incomplete, Some("Enter the credentials"));
    let lossy = account.connection("lossy_lantern").scheduled_manually();
    lossy.plans([succeeds.clone().losing_its_answer(), succeeds]);
    account
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_connection_is_told_of() {
        assert_eq!(demo_account().started().len(), CONNECTIONS.len());
        let mut account = demo_account();
        for (id, _) in CONNECTIONS {
            account.connection(id);
        }
        assert_eq!(account.started().len(), CONNECTIONS.len());
    }
}
