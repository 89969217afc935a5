//! The conformance suite, run by a plugin's own tests.

use std::path::Path;

use host_harness::conformance::{Kit, examine};
use host_harness::{Host, Limits};

/// Asserts that a plugin keeps the contract by every check of its kit, and that each check was made.
pub async fn assert_passes_every_check(component: &Path, kit: &Path) {
    let host = || Host::new(Limits::default()).expect("a host");
    let bytes = host().read(component).expect("the plugin is read");
    let elsewhere = host().load_bytes(&bytes).expect("the plugin loads");
    let kit = Kit::read(kit).expect("a kit");
    for checked in examine(&host(), &bytes, &kit, &elsewhere).await.expect("an examination").checks {
        assert_eq!(checked.failures, [], "{}", checked.check);
        assert!(checked.times > 0, "{} was never made", checked.check);
    }
}
