//! WAVE, the text of values that the wasmtime command line takes and prints:
//! <https://github.com/bytecodealliance/wasm-tools/tree/main/crates/wasm-wave>.

use std::iter::Peekable;
use std::str::Chars;

use serde_json::{Map, Value, json};

use crate::call::Call;

/// The call, as `wasmtime run --invoke` takes it.
pub(crate) fn call(call: &Call) -> String {
    let [_, name] = call.function.path();
    let arguments = call.json();
    let arguments = arguments.as_array().into_iter().flatten().map(|argument| match argument {
        Value::Object(values) => named(values),
        other => other.to_string(),
    });
    format!("{name}({})", arguments.collect::<Vec<_>>().join(", "))
}

fn named(values: &Map<String, Value>) -> String {
    let value = |(name, value): (&String, &Value)| {
        let case = if value.is_number() { "integer" } else { "text" };
        format!("{{name: {}, value: {case}({value})}}", json!(name))
    };
    format!("[{}]", values.iter().map(value).collect::<Vec<_>>().join(", "))
}

/// A value that was printed. Cases with a payload are `{"tag", "val"}`, those without are their names; `none` is null.
pub(crate) fn parse(text: &str) -> Option<Value> {
    Parser { rest: text.trim().chars().peekable() }.value()
}

struct Parser<'a> {
    rest: Peekable<Chars<'a>>,
}

impl Parser<'_> {
    fn value(&mut self) -> Option<Value> {
        match self.peek()? {
            '"' => self.text().map(Value::String),
            '[' => self.items('[', ']', Self::value).map(Value::Array),
            '{' => {
                let members = self.items('{', '}', |parser| {
                    let name = parser.word();
                    parser.take(':')?;
                    Some((name, parser.value()?))
                });
                Some(members?.into_iter().collect())
            }
            _ => {
                // A name that is a word of WAVE's own has a mark before it.
                let word = self.word().trim_start_matches('%').to_owned();
                if self.peek() != Some('(') {
                    return serde_json::from_str(&word)
                        .ok()
                        .or((word == "none").then_some(Value::Null))
                        .or(Some(json!(word)));
                }
                let payload = self.items('(', ')', Self::value)?.pop()?;
                Some(if word == "some" { payload } else { json!({"tag": word, "val": payload}) })
            }
        }
    }

    fn items<T>(&mut self, open: char, close: char, item: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.take(open)?;
        let mut items = Vec::new();
        while self.peek()? != close {
            items.push(item(self)?);
            if self.peek()? == ',' {
                self.take(',')?;
            }
        }
        self.take(close)?;
        Some(items)
    }

    fn text(&mut self) -> Option<String> {
        self.take('"')?;
        let mut text = String::new();
        loop {
            text.push(match self.rest.next()? {
                '"' => return Some(text),
                '\\' => match self.rest.next()? {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'u' => {
                        self.take('{')?;
                        let digits: String = self.rest.by_ref().take_while(|c| *c != '}').collect();
                        char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?
                    }
                    quoted => quoted,
                },
                c => c,
            });
        }
    }

    /// A name or a number.
    fn word(&mut self) -> String {
        self.peek();
        let mut word = String::new();
        while let Some(c) = self.rest.next_if(|c| c.is_alphanumeric() || "-+._%".contains(*c)) {
            word.push(c);
        }
        word
    }

    /// The next character that is not space.
    fn peek(&mut self) -> Option<char> {
        while self.rest.next_if(|c| c.is_whitespace()).is_some() {}
        self.rest.peek().copied()
    }

    fn take(&mut self, expected: char) -> Option<()> {
        self.peek();
        self.rest.next_if_eq(&expected).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Function;

    #[test]
    fn what_the_command_line_prints_is_read() {
        let printed = "ok(finished({verdict: failed, report: {status: %ok, message: \"a \\\"b\\\"\\n\\u{e9}\", steps: [{name: \"tap\", \
                       exit-code: some(-1)}, {name: \"target\", exit-code: none}], metadata: []}}))\n";
        let steps = json!([{"name": "tap", "exit-code": -1}, {"name": "target", "exit-code": null}]);
        let report = json!({"status": "ok", "message": "a \"b\"\né", "steps": steps, "metadata": []});
        let finished = json!({"tag": "finished", "val": {"verdict": "failed", "report": report}});
        assert_eq!(parse(printed), Some(json!({"tag": "ok", "val": finished})));
        assert_eq!(
            parse("err({kind: unavailable, may-have-started: false})").unwrap()["val"]["may-have-started"],
            false
        );
    }

    #[test]
    fn what_breaks_off_is_not_read() {
        for text in ["", "ok(", "ok({a: ", "\"a", "[1, 2", "{a 1}"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_call_is_written_with_the_cases_of_its_values() {
        let values = |value: Value| value.as_object().cloned().unwrap_or_default();
        let written = call(&Call {
            function: Function::Poll("a \"run\"".to_owned()),
            connection: values(json!({"base_url": "http://127.0.0.1:1"})),
            parameters: values(json!({"source_id": 7})),
        });
        let expected = r#"poll([{name: "base_url", value: text("http://127.0.0.1:1")}], [{name: "source_id", value: integer(7)}], "a \"run\"")"#;
        assert_eq!(written, expected);
    }
}
