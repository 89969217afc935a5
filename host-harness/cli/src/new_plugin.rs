//! `host-harness new-plugin`: the folder of a new plugin for a made-up tool, which builds and conforms from its first minute.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::json;

use crate::args::{Interface, NewPluginArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;

macro_rules! template {
    ($file:literal) => {
        include_str!(concat!("../templates/rust/", $file))
    };
}

/// The files of a plugin that exports `task` alone.
const TASK: &[(&str, &str)] = &[
    ("Cargo.toml", template!("task/manifest.toml")),
    ("src/account.rs", template!("task/src/account.rs")),
    ("src/describe.rs", template!("task/src/describe.rs")),
    ("src/job.rs", template!("task/src/job.rs")),
    ("src/poll.rs", template!("task/src/poll.rs")),
    ("src/run.rs", template!("task/src/run.rs")),
    ("src/trigger.rs", template!("task/src/trigger.rs")),
];

const COMPONENT: &str = template!("task/src/component.rs");

const KIT: &str = template!("task/kit/kit.toml");

/// What an optional interface adds.
struct Addition {
    module: &'static str,
    text: &'static str,
    /// The end of the component's edge.
    component: &'static str,
    /// The end of the kit.
    kit: &'static str,
}

impl Interface {
    fn addition(self) -> Addition {
        match self {
            Self::Cancel => Addition {
                module: "cancel",
                text: template!("cancel/src/cancel.rs"),
                component: template!("cancel/component.rs"),
                kit: template!("cancel/kit.toml"),
            },
            Self::Check => Addition {
                module: "check",
                text: template!("check/src/check.rs"),
                component: template!("check/component.rs"),
                kit: template!("check/kit.toml"),
            },
            Self::Settle => Addition {
                module: "settle",
                text: template!("settle/src/settle.rs"),
                component: template!("settle/component.rs"),
                kit: template!("settle/kit.toml"),
            },
            Self::Batch => Addition {
                module: "poll_many",
                text: template!("batch/src/poll_many.rs"),
                component: template!("batch/component.rs"),
                // What is requested for many runs stands beside what is requested for one.
                kit: "",
            },
        }
    }
}

pub(crate) fn main(args: &NewPluginArgs) -> Exit {
    let printer = Printer::new(args.output);
    let folder = Path::new(args.name.as_str());
    if let Some(guest) = args.plugin_guest.as_deref().filter(|guest| !guest.join("Cargo.toml").is_file()) {
        let message = format!("{} holds no Cargo.toml: --plugin-guest is the folder of that crate", guest.display());
        return Failure::usage(&message).print(&printer);
    }
    if let Err(error) = write(folder, &files(args)) {
        let message = match error.kind() {
            io::ErrorKind::AlreadyExists => format!("{} is there already: choose another name", folder.display()),
            _ => format!("{} cannot be written: {error}", folder.display()),
        };
        return Failure::usage(&message).print(&printer);
    }
    let component = format!("target/wasm32-wasip2/release/{}_plugin.wasm", args.name.snake_case());
    let commands = [
        format!("cd {}", args.name),
        "cargo test".to_owned(),
        "cargo build --release --target wasm32-wasip2".to_owned(),
        format!("host-harness conformance --plugin {component} --kit kit"),
    ];
    let text = format!(
        "made {}, a plugin for a made-up tool; try it:\n\n  {}\n\nThen change kit/kit.toml to what your tool is asked and answers: \
         what fails is what is left to do.",
        args.name,
        commands.join("\n  ")
    );
    let told = printer.answer(&json!({ "folder": args.name.as_str(), "component": component }), &text);
    match Failure::of_printing(told, "", None) {
        Ok(()) => Exit::Succeeded,
        Err(failure) => failure.print(&printer),
    }
}

/// Writes the files into a folder that is not there yet.
fn write(folder: &Path, files: &[(String, String)]) -> io::Result<()> {
    fs::create_dir(folder)?;
    for (path, text) in files {
        let path = folder.join(path);
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(path, text)?;
    }
    Ok(())
}

/// The plugin's files, each with its path in the folder.
fn files(args: &NewPluginArgs) -> Vec<(String, String)> {
    let mut interfaces = args.with.clone();
    interfaces.sort_unstable();
    interfaces.dedup();
    let additions: Vec<_> = interfaces.iter().map(|interface| interface.addition()).collect();
    let part = |first: &str, of: fn(&Addition) -> &'static str| {
        additions.iter().fold(first.to_owned(), |text, addition| text + of(addition))
    };
    let mut files: Vec<_> = TASK.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    files.extend(additions.iter().map(|addition| (format!("src/{}.rs", addition.module), addition.text.to_owned())));
    files.push(("src/component.rs".to_owned(), part(COMPONENT, |addition| addition.component)));
    let kit = part(KIT, |addition| addition.kit);
    let kit = if interfaces.contains(&Interface::Batch) { kit } else { alone(&kit) };
    files.push(("kit/kit.toml".to_owned(), kit));
    files.push(("src/lib.rs".to_owned(), library(&files)));
    files.push((".gitignore".to_owned(), "/target\n".to_owned()));
    for (path, text) in &mut files {
        *text = args.name.put_into(text);
        if let (Some(guest), "Cargo.toml") = (&args.plugin_guest, path.as_str()) {
            // It is seen from the new folder; an absolute path stays as it is.
            let dependency = format!("plugin-guest = {{ path = {} }}", json!(Path::new("..").join(guest)));
            *text = text.replace("plugin-guest = \"0.1.0\"", &dependency);
        }
    }
    files
}

/// The kit without what is requested for many runs at once.
fn alone(kit: &str) -> String {
    let blocks = kit.split("\n\n").filter(|block| !block.starts_with("[[situation.together]]"));
    blocks.collect::<Vec<_>>().join("\n\n").trim_end().to_owned() + "\n"
}

/// The library's root, which declares a module for each file.
fn library(files: &[(String, String)]) -> String {
    let module = |path: &str| path.strip_prefix("src/")?.strip_suffix(".rs").map(str::to_owned);
    let mut modules: Vec<_> = files.iter().filter_map(|(path, _)| module(path)).collect();
    modules.sort_unstable();
    let declared = modules.iter().map(|module| match module.as_str() {
        // The exports do not link natively.
        "component" => "#[cfg(target_arch = \"wasm32\")]\nmod component;\n".to_owned(),
        module => format!("pub mod {module};\n"),
    });
    "//! Triggers a job of Acme, watches its run and tells how it ended.\n\n".to_owned() + &declared.collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Format;

    fn made(with: &[Interface]) -> Vec<(String, String)> {
        let name = "data-hub".parse().unwrap();
        let plugin_guest = Some("guest \"x\"".into());
        files(&NewPluginArgs { name, with: with.into(), plugin_guest, output: Format::Text })
    }

    fn file(files: &[(String, String)], wanted: &str) -> String {
        files.iter().find(|(path, _)| path == wanted).unwrap().1.clone()
    }

    #[test]
    fn the_name_stands_wherever_the_made_up_one_stood() {
        let files = made(&[Interface::Batch, Interface::Cancel, Interface::Check, Interface::Settle]);
        for (path, text) in &files {
            assert!(!text.to_lowercase().contains("acme"), "{path}: {text}");
        }
        let manifest = file(&files, "Cargo.toml");
        assert!(manifest.contains("name = \"data-hub-plugin\""), "{manifest}");
        assert!(manifest.contains(r#"plugin-guest = { path = "../guest \"x\"" }"#), "{manifest}");
        assert!(file(&files, "src/describe.rs").contains("tool: \"Data Hub\""));
        assert!(file(&files, "src/account.rs").contains("name: \"data hub\""));
    }

    #[test]
    fn only_a_plugin_that_polls_many_runs_has_a_kit_for_them() {
        assert!(!file(&made(&[Interface::Check]), "kit/kit.toml").contains("together"));
        assert!(file(&made(&[Interface::Batch]), "kit/kit.toml").contains("together"));
    }

    #[test]
    fn each_interface_is_a_module_and_an_export() {
        let files = made(&[Interface::Settle, Interface::Settle]);
        let library = file(&files, "src/lib.rs");
        assert!(library.contains("pub mod run;\npub mod settle;\npub mod trigger;\n"), "{library}");
        assert_eq!(file(&files, "src/component.rs").matches("export_settlement!(Plugin);").count(), 1);
        assert!(!files.iter().any(|(path, _)| path == "src/cancel.rs"));
    }
}
