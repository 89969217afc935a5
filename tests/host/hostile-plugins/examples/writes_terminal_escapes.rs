//! Writes what moves, colours and reorders a terminal's text, to stderr and into its report.

hostile_plugins::plugin!(|_call| {
    let text = "\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m\u{202e}desrever\u{2066}\u{8}\r\u{7f}plain";
    eprintln!("{text}");
    succeeded(text)
});
