//! A host, and what guests in it are called with.

use fault_server::Server;
use host_harness::contract::{NamedValue, Value};
use host_harness::{Arguments, Host, Limits, Plugin, Secret};

use crate::artifact;

/// The secret of every call.
pub(crate) const TOKEN: &str = "tok-3b1f0c9d-never-to-be-shown";

/// A host that trusts the fault server.
pub(crate) fn host(limits: Limits) -> Host {
    Host::trusting(limits, fault_server::authority_pem().as_bytes()).unwrap()
}

/// A guest that may reach the server and no other.
pub(crate) fn guest(host: &Host, name: &str, server: &Server) -> Plugin {
    host.load(artifact::guest(name).unwrap()).unwrap().allow([origin(server).parse().unwrap()])
}

/// Arguments that point at the server.
pub(crate) fn arguments(server: &Server) -> Arguments {
    let url = |name: &str| NamedValue { name: name.to_owned(), value: Value::Text(origin(server)) };
    Arguments::new(vec![url("base_url"), url("other_url")], Vec::new()).secret("token", Secret::new(TOKEN))
}

fn origin(server: &Server) -> String {
    server.url().trim_end_matches('/').to_owned()
}
