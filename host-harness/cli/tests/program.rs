//! The program as it is installed.

use std::process::Command;

#[test]
fn it_says_which_version_it_is() {
    let output = Command::new(env!("CARGO_BIN_EXE_host-harness")).arg("--version").output().expect("it runs");
    assert_eq!(String::from_utf8_lossy(&output.stdout), concat!("host-harness ", env!("CARGO_PKG_VERSION"), "\n"));
}
