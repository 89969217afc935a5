use serde_json::{Map, Value, json};

/// A call of the plugin: the same for every runtime.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) function: Function,
    pub(crate) connection: Map<String, Value>,
    pub(crate) parameters: Map<String, Value>,
}

/// A function of the contract, with what it takes besides the connection and the parameters.
#[derive(Clone, Debug)]
pub(crate) enum Function {
    Trigger,
    Poll(String),
    Cancel(String),
    Check,
    /// The ages of the trigger and of earlier calls, in milliseconds.
    Settle(Vec<u64>),
}

impl Function {
    /// The interface and the name.
    pub(crate) fn path(&self) -> [&'static str; 2] {
        match self {
            Self::Trigger => ["task", "trigger"],
            Self::Poll(_) => ["task", "poll"],
            Self::Cancel(_) => ["cancellation", "cancel"],
            Self::Check => ["preflight", "check"],
            Self::Settle(_) => ["settlement", "settle"],
        }
    }
}

impl Call {
    /// All arguments as a JSON array.
    pub(crate) fn json(&self) -> Value {
        let mut arguments = vec![json!(self.connection), json!(self.parameters)];
        match &self.function {
            Function::Trigger | Function::Check => {}
            Function::Poll(run) | Function::Cancel(run) => arguments.push(json!(run)),
            Function::Settle(ages) => arguments.push(json!(ages)),
        }
        Value::Array(arguments)
    }
}
