//! Looks for files, variables, arguments and input, and reports what it finds.

hostile_plugins::plugin!(|_call| {
    use std::{env, fs, io::Read};

    let mut input = Vec::new();
    let _ = std::io::stdin().read_to_end(&mut input);
    let files = ["/", ".", "..", "/etc", "/proc/self", "/tmp"];
    let readable = files.into_iter().filter(|path| fs::metadata(path).is_ok() || fs::read_dir(path).is_ok());
    let facts = vec![
        ("files", readable.count().to_string()),
        ("written", fs::write("/tmp/hostile", "x").is_ok().to_string()),
        ("variables", env::vars_os().count().to_string()),
        ("arguments", env::args_os().count().to_string()),
        ("input", input.len().to_string()),
    ];
    succeeded_with(report("it looked"), facts)
});
