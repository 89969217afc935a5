use std::path::Path;
use std::time::Duration;

use host_harness::contract::{NamedValue, Progress, Value as ContractValue};
use host_harness::document::{ErrorDocument, FindingsDocument, RunDocument};
use host_harness::{Arguments, CallError, Limits, Plugin, Secret};
use plugin_tests::compile_cache::host;
use serde_json::{Map, Value, json};

use crate::call::{Call, Function};

/// Our host with the plugin.
#[derive(Clone)]
pub(crate) struct Host(Plugin);

/// Short, as peers that say nothing are waited for.
const WAIT: Duration = Duration::from_secs(2);

impl Host {
    /// Loads the component.
    pub(crate) fn load(component: &Path) -> anyhow::Result<Self> {
        let limits = Limits { first_byte: WAIT, idle: WAIT, call: 2 * WAIT, ..Limits::default() };
        Ok(Self(host(limits).load(component)?))
    }

    /// Makes a call, with this origin granted.
    pub(crate) async fn call(&self, call: &Call, origin: &str) -> anyhow::Result<Value> {
        let plugin = self.0.allow([origin.parse()?]);
        let mut connection = call.connection.clone();
        let token = connection.remove("access_token").unwrap_or_default();
        let arguments = Arguments::new(named(&connection), named(&call.parameters));
        let arguments = arguments.secret("access_token", Secret::new(token.as_str().unwrap_or_default()));
        Ok(match &call.function {
            Function::Trigger => progress(plugin.trigger(&arguments).await.outcome),
            Function::Poll(run) => progress(plugin.poll(&arguments, run).await.outcome),
            Function::Cancel(run) => progress(plugin.cancel(&arguments, run).await.outcome),
            Function::Settle(ages) => {
                let ages: Vec<_> = ages.iter().map(|age| Duration::from_millis(*age)).collect();
                progress(plugin.settle(&arguments, &ages).await.outcome)
            }
            Function::Check => match plugin.check(&arguments).await.outcome {
                Ok(findings) => shown(json!(FindingsDocument::new(&findings, 0))["findings"].clone()),
                Err(error) => refusal(&error),
            },
        })
    }
}

fn progress(outcome: Result<Progress, CallError>) -> Value {
    match outcome {
        Ok(progress) => shown(json!(RunDocument::new(&progress, None, 0))),
        Err(error) => refusal(&error),
    }
}

fn refusal(error: &CallError) -> Value {
    shown(json!(ErrorDocument::from(error)))
}

/// The document without what is null, and without the number of requests, which no plugin tells.
fn shown(document: Value) -> Value {
    match document {
        Value::Object(members) => {
            let told = |(name, value): &(String, Value)| !value.is_null() && name != "requests";
            members.into_iter().filter(told).map(|(name, value)| (name, shown(value))).collect()
        }
        Value::Array(items) => items.into_iter().map(shown).collect(),
        other => other,
    }
}

fn named(values: &Map<String, Value>) -> Vec<NamedValue> {
    let value = |value: &Value| match value.as_i64() {
        Some(number) => ContractValue::Integer(number),
        None => ContractValue::Text(value.as_str().unwrap_or_default().to_owned()),
    };
    values.iter().map(|(name, it)| NamedValue { name: name.clone(), value: value(it) }).collect()
}
