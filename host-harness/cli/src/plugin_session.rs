//! Plugin sessions: a loaded plugin and the arguments of its calls.

use host_harness::contract::Descriptor;
use host_harness::{Arguments, Grant, Inputs, Plugin, Secret};

use crate::args::PluginArgs;
use crate::failure::Failure;
use crate::printer::Printer;

/// A loaded plugin and the arguments of its calls.
pub(crate) struct PluginSession {
    pub(crate) plugin: Plugin,
    pub(crate) arguments: Arguments,
}

impl PluginSession {
    /// Loads the plugin and checks the inputs against its descriptor. From here on the printer redacts the secrets.
    pub(crate) async fn open(args: &PluginArgs, printer: &mut Printer) -> Result<Self, Failure> {
        let mut inputs = Inputs::default();
        for (name, text) in &args.connection {
            inputs = inputs.connection(name, text);
        }
        for (name, text) in &args.parameters {
            inputs = inputs.parameter(name, text);
        }
        for (name, source) in &args.secrets {
            let secret = source.read(name).map_err(|error| Failure::usage(&error))?;
            inputs = inputs.secret(name, restricted(args, name, secret));
        }
        if let Some((name, _)) = args.secret_origins.iter().find(|(name, _)| !is_given(args, name)) {
            return Err(Failure::usage(&format!("--secret-origin {name}: there is no --secret {name}")));
        }
        printer.hide(inputs.redactor());
        let host = args.host.host()?;
        let plugin = host.load(&args.plugin).map_err(|error| Failure::load(&error, &args.plugin))?;
        let descriptor = describe(&plugin).await?;
        let mut arguments = inputs.resolve(&descriptor).map_err(|error| Failure::input(&error))?;
        if args.expose_secrets {
            arguments = arguments.expose_secrets();
        }
        let exposed: Vec<_> = arguments.exposed().collect();
        if !exposed.is_empty() {
            let names = exposed.join(", ");
            printer.note(&format!(
                "--expose-secrets: the plugin sees {names} and can send it in any form wherever it may send anything"
            ));
        }
        let internal = args.allowed_internal.iter().cloned().map(Grant::internal);
        Ok(Self { plugin: plugin.allow(args.allowed.iter().cloned().chain(internal)), arguments })
    }
}

/// Restricts a secret to the origins named for it, if any.
fn restricted(args: &PluginArgs, name: &str, secret: Secret) -> Secret {
    let mut origins =
        args.secret_origins.iter().filter(|(of, _)| of == name).map(|(_, origin)| origin.clone()).peekable();
    if origins.peek().is_none() { secret } else { secret.only_for(origins) }
}

fn is_given(args: &PluginArgs, name: &str) -> bool {
    args.secrets.iter().any(|(given, _)| given == name)
}

/// Gets the plugin's descriptor.
pub(crate) async fn describe(plugin: &Plugin) -> Result<Descriptor, Failure> {
    Failure::or_answer(plugin.describe().await, None).map(|(descriptor, _)| descriptor)
}
