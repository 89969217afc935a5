//! A plugin that is loaded and the arguments that it is called with.

use host_harness::contract::Descriptor;
use host_harness::{Arguments, Host, Inputs, Plugin};

use crate::args::PluginArgs;
use crate::failure::Failure;
use crate::printer::Printer;

/// What every call needs.
pub(crate) struct Session {
    pub(crate) plugin: Plugin,
    pub(crate) arguments: Arguments,
}

impl Session {
    /// Loads the plugin and checks the inputs against what it takes. From here on the printer hides the secrets.
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
            inputs = inputs.secret(name, secret);
        }
        printer.mask = inputs.mask();
        let host = Host::new(args.limits.limits())?;
        let plugin = host.load(&args.plugin).map_err(|error| Failure::load(&error, &args.plugin))?;
        let descriptor = describe(&plugin).await?;
        let arguments = inputs.resolve(&descriptor).map_err(|error| Failure::input(&error))?;
        Ok(Self { plugin: plugin.allow(args.allowed.iter().cloned()), arguments })
    }
}

/// Asks the plugin what it takes.
pub(crate) async fn describe(plugin: &Plugin) -> Result<Descriptor, Failure> {
    Failure::or_answer(plugin.describe().await, None).map(|(descriptor, _)| descriptor)
}
