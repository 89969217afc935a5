//! The table of limits: names, defaults and descriptions of what one call of a plugin may take.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use bytesize::ByteSize;

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(pub usize);

/// The value of one limit, in its own unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitValue {
    /// A duration.
    Time(Duration),
    /// A number of bytes.
    Size(Size),
    /// A number of things.
    Count(usize),
}

/// In the form that [`Limits::set`] reads.
impl fmt::Display for LimitValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Time(Duration::MAX) | Self::Size(Size(usize::MAX)) | Self::Count(usize::MAX) => f.write_str("none"),
            Self::Time(time) => humantime::format_duration(time).fmt(f),
            Self::Size(Size(bytes)) => match bytes.trailing_zeros() {
                20.. if bytes > 0 => write!(f, "{} MiB", bytes >> 20),
                10.. if bytes > 0 => write!(f, "{} KiB", bytes >> 10),
                _ => write!(f, "{bytes} B"),
            },
            Self::Count(count) => count.fmt(f),
        }
    }
}

/// A unit of limits: how its values are parsed and shown.
trait Unit: Copy {
    /// An example of its values, for error messages.
    const EXAMPLE: &str;
    const NONE: Self;
    fn value(self) -> LimitValue;
    fn read(text: &str) -> Option<Self>;
}

impl Unit for Duration {
    const EXAMPLE: &str = "a time such as 30s or 500ms";
    const NONE: Self = Self::MAX;

    fn value(self) -> LimitValue {
        LimitValue::Time(self)
    }

    fn read(text: &str) -> Option<Self> {
        humantime::parse_duration(text).ok()
    }
}

impl Unit for Size {
    const EXAMPLE: &str = "a size such as 64MiB or 512KiB";
    const NONE: Self = Self(usize::MAX);

    fn value(self) -> LimitValue {
        LimitValue::Size(self)
    }

    fn read(text: &str) -> Option<Self> {
        text.parse::<ByteSize>().ok()?.as_u64().try_into().ok().map(Self)
    }
}

impl Unit for usize {
    const EXAMPLE: &str = "a whole number";
    const NONE: Self = Self::MAX;

    fn value(self) -> LimitValue {
        LimitValue::Count(self)
    }

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// Makes the types and their names, defaults and descriptions from one table.
macro_rules! limits {
    ($($variant:ident $name:ident: $unit:ty = $default:expr, $about:literal;)+) => {
        /// The limits of one call of a plugin. The defaults suit any tool that answers within seconds.
        ///
        /// A plugin can ask for shorter times with its own `request-options`, never for longer ones.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Limits {
            $(#[doc = $about] pub $name: $unit,)+
        }

        /// One of the [`Limits`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Limit {
            $(#[doc = $about] $variant,)+
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($name: $default,)+ }
            }
        }

        impl Limits {
            /// Limits nothing but the stack, to measure what limits cost. A plugin can then take the whole machine.
            pub fn none() -> Self {
                Self { $($name: <$unit as Unit>::NONE,)+ }
            }

            /// The value of a limit.
            pub fn value(&self, limit: Limit) -> LimitValue {
                match limit {
                    $(Limit::$variant => self.$name.value(),)+
                }
            }

            /// Sets a limit from text: a time (`30s`), a size (`64MiB`), a count, or `none`.
            pub fn set(&mut self, limit: Limit, text: &str) -> Result<(), LimitError> {
                match limit {
                    $(Limit::$variant => self.$name = read(limit, text)?,)+
                }
                Ok(())
            }
        }

        impl Limit {
            /// All limits, in the order of the documentation.
            pub const ALL: [Self; [$(Self::$variant),+].len()] = [$(Self::$variant),+];

            /// The limit's name, in `snake_case`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($name),)+
                }
            }

            /// The limit's description, in one sentence.
            pub fn about(self) -> &'static str {
                match self {
                    $(Self::$variant => $about,)+
                }
            }
        }
    };
}

limits! {
    Call call: Duration = Duration::from_mins(1),
        "Wall-clock time of one call, from instantiation to answer, whatever the plugin or its peer does.";
    Cpu cpu: Duration = Duration::from_secs(1),
        "Processor time of one call in the sandbox: what the plugin computes, and what the host does for it in between.";
    Memory memory: Size = Size(32 << 20),
        "Linear memory of the plugin, all its memories together.";
    Stack stack: Size = Size(512 << 10),
        "Stack of the plugin; between 64 KiB and 16 MiB, whatever is set.";
    Instances instances: usize = 32,
        "Core instances that the component is made of.";
    Memories memories: usize = 8,
        "Linear memories of all its instances.";
    Tables tables: usize = 32,
        "Tables of all its instances.";
    TableElements table_elements: usize = 100_000,
        "Elements of one table.";
    Handles handles: usize = 256,
        "Resources that the plugin holds at once: requests, bodies, streams, header fields and so on.";
    Answer answer: Size = Size(1 << 20),
        "What the plugin hands over in one piece: its answer, or the arguments of one call of the host. Of `poll-many` 8 KiB more for each run.";
    Run run: Size = Size(4 << 10),
        "The run that a plugin answers with; the contract says 4 KiB.";
    Random random: Size = Size(64 << 10),
        "Random bytes asked for at once.";
    Stderr stderr: Size = Size(64 << 10),
        "What is kept of stderr and stdout of one call; the rest is counted and dropped.";
    Requests requests: usize = 64,
        "Requests of one call. Of `poll-many` 4 more for each run.";
    ConcurrentRequests concurrent_requests: usize = 4,
        "Requests at once, each from its start to the end of the response body.";
    RequestHeaders request_headers: Size = Size(64 << 10),
        "Header fields of one request, as they lie in memory.";
    RequestBody request_body: Size = Size(1 << 20),
        "Body of one request.";
    Request request: Duration = Duration::from_mins(1),
        "Time of one request, from its start to the end of the response body.";
    Connect connect: Duration = Duration::from_secs(10),
        "Time of one request until a connection is there: name lookup, TCP and TLS together.";
    FirstByte first_byte: Duration = Duration::from_secs(30),
        "Time from there to the head of the response.";
    Idle idle: Duration = Duration::from_secs(30),
        "Time between two pieces of a response body, and between two of a request that the peer takes.";
    ResponseHeaders response_headers: Size = Size(64 << 10),
        "Head of one response.";
    ResponseBody response_body: Size = Size(8 << 20),
        "Body of one response. It is never decoded, so these are the bytes that the plugin gets.";
    Component component: Size = Size(16 << 20),
        "File of a plugin.";
    FunctionBody function_body: Size = Size(256 << 10),
        "Code of one function of a plugin.";
    Weight weight: usize = 10_000_000,
        "Weight of a plugin's code, which decides what its compilation takes: for each function, the places where control branches or joins, times its values; and what putting its parts together takes.";
    Validation validation: usize = 10_000_000,
        "Parts of types that the validator looks at for a plugin, as often as each is written out, compared or copied.";
    Compile compile: Duration = Duration::from_mins(1),
        "Time to read, validate and compile a plugin.";
}

impl Limits {
    /// The names of the sets of limits, which [`Limits::named`] reads.
    pub const NAMES: [&str; 2] = ["default", "interpreter"];

    /// Limits for a plugin that carries an interpreter, such as one in Python: raised to what loading a component of some 20 MB and
    /// holding its memory takes. What a call may send, answer and wait for stays as it is by default.
    pub fn interpreter() -> Self {
        Self {
            memory: Size(64 << 20),
            component: Size(24 << 20),
            function_body: Size(1 << 20),
            weight: 25_000_000,
            compile: Duration::from_mins(5),
            ..Self::default()
        }
    }

    /// The set of limits of this name, one of [`Limits::NAMES`].
    pub fn named(name: &str) -> Result<Self, LimitError> {
        match name {
            "default" => Ok(Self::default()),
            "interpreter" => Ok(Self::interpreter()),
            _ => Err(LimitError::UnknownSet { name: name.to_owned() }),
        }
    }

    /// The name of the set of limits that raises all of these, which a plugin passed under the default ones. None where there are
    /// none, or no set does.
    pub fn raising<'a>(passed: impl IntoIterator<Item = &'a Exceeded>) -> Option<&'static str> {
        let (default, interpreter) = (Self::default(), Self::interpreter());
        let mut passed = passed.into_iter().peekable();
        let is_raised = |Exceeded { limit, value }: &Exceeded| {
            *value == default.value(*limit) && *value != interpreter.value(*limit)
        };
        (passed.peek().is_some() && passed.all(is_raised)).then_some("interpreter")
    }
}

/// An error of setting a limit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LimitError {
    /// No limit has this name.
    #[error("there is no limit `{name}`: there is {}", names())]
    Unknown {
        /// The name given.
        name: String,
    },
    /// No set of limits has this name.
    #[error("there are no limits called `{name}`: there is {}", Limits::NAMES.join(", "))]
    UnknownSet {
        /// The name given.
        name: String,
    },
    /// The limit does not take this value.
    #[error("the limit `{}` must be {expected}, or none, not `{given}`", limit.name())]
    Value {
        /// The limit.
        limit: Limit,
        /// The values that it takes, in words.
        expected: &'static str,
        /// The text given.
        given: String,
    },
}

fn names() -> String {
    Limit::ALL.map(Limit::name).join(", ")
}

fn read<T: Unit>(limit: Limit, text: &str) -> Result<T, LimitError> {
    let value = if text == "none" { Some(T::NONE) } else { T::read(text) };
    value.ok_or_else(|| LimitError::Value { limit, expected: T::EXAMPLE, given: text.to_owned() })
}

impl FromStr for Limit {
    type Err = LimitError;

    fn from_str(name: &str) -> Result<Self, LimitError> {
        let found = Self::ALL.into_iter().find(|limit| limit.name() == name);
        found.ok_or_else(|| LimitError::Unknown { name: name.to_owned() })
    }
}

/// A limit that was passed, with its value. `Display` writes "the limit memory of 32 MiB".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the limit {} of {value}", limit.name())]
pub struct Exceeded {
    /// The limit.
    pub limit: Limit,
    /// Its value at that time.
    pub value: LimitValue,
}

impl Limits {
    /// The error of passing a limit, with its current value.
    pub(crate) fn exceeded(&self, limit: Limit) -> Exceeded {
        Exceeded { limit, value: self.value(limit) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(name: &str, text: &str) -> Result<Limits, String> {
        let mut limits = Limits::default();
        let set = name.parse().and_then(|limit| limits.set(limit, text));
        set.map(|()| limits).map_err(|error| error.to_string())
    }

    #[test]
    fn every_limit_is_set_by_its_name() {
        assert_eq!(set("memory", "64MiB").unwrap().memory, Size(64 << 20));
        assert_eq!(set("cpu", "500ms").unwrap().cpu, Duration::from_millis(500));
        assert_eq!(set("requests", "7").unwrap().requests, 7);
        assert_eq!(set("call", "none").unwrap().call, Duration::MAX);
    }

    #[test]
    fn what_every_limit_shows_sets_it() {
        let shown = Limits::default();
        let mut limits = Limits::none();
        for limit in Limit::ALL {
            limits.set(limit, &shown.value(limit).to_string()).unwrap();
        }
        assert_eq!(limits, shown);
    }

    #[test]
    fn what_is_no_limit_is_refused_with_what_is_expected() {
        assert!(set("mem", "1").unwrap_err().starts_with("there is no limit `mem`: there is call, cpu, memory, "));
        for (name, text, error) in [
            ("cpu", "fast", "the limit `cpu` must be a time such as 30s or 500ms, or none, not `fast`"),
            ("memory", "-1", "the limit `memory` must be a size such as 64MiB or 512KiB, or none, not `-1`"),
            ("requests", "many", "the limit `requests` must be a whole number, or none, not `many`"),
        ] {
            assert_eq!(set(name, text).unwrap_err(), error);
        }
    }

    #[test]
    fn every_set_of_limits_is_found_by_its_name_and_no_other_is() {
        let found = Limits::NAMES.map(|name| Limits::named(name).unwrap());
        assert_eq!(found, [Limits::default(), Limits::interpreter()]);
        let error = Limits::named("python").unwrap_err().to_string();
        assert_eq!(error, "there are no limits called `python`: there is default, interpreter");
    }

    #[test]
    fn an_interpreter_is_given_room_and_no_more_trust() {
        let (limits, interpreter) = (Limits::default(), Limits::interpreter());
        let raised = Limit::ALL.into_iter().filter(|limit| limits.value(*limit) != interpreter.value(*limit));
        let raised: Vec<_> = raised.map(Limit::name).collect();
        assert_eq!(raised, ["memory", "component", "function_body", "weight", "compile"]);
    }

    #[test]
    fn the_set_that_raises_all_limits_passed_is_found() {
        let limits = Limits { weight: 1, ..Limits::default() };
        let passed = |passed: &[Limit]| {
            let passed: Vec<_> = passed.iter().map(|limit| limits.exceeded(*limit)).collect();
            Limits::raising(&passed)
        };
        assert_eq!(passed(&[Limit::Component, Limit::FunctionBody]), Some("interpreter"));
        assert_eq!(passed(&[]), None);
        assert_eq!(passed(&[Limit::Component, Limit::Validation]), None);
        assert_eq!(passed(&[Limit::Weight]), None, "somebody set it");
    }

    #[test]
    fn the_readme_tells_what_each_set_of_limits_raises() {
        let row = |limit: &Limit| {
            format!("`{}={}`", limit.name(), Limits::interpreter().value(*limit).to_string().replace(' ', ""))
        };
        let differs = |limit: &Limit| Limits::default().value(*limit) != Limits::interpreter().value(*limit);
        let raised: Vec<_> = Limit::ALL.iter().filter(|limit| differs(limit)).map(row).collect();
        let sentence = format!("`--limits interpreter` sets {}", raised.join(", "));
        assert!(include_str!("../../README.md").contains(&sentence), "the sentence should be\n{sentence}");
    }

    #[test]
    fn a_limit_that_was_passed_says_which_and_where_it_was() {
        let limits = Limits { stderr: Size(1), ..Limits::default() };
        for (limit, text) in [
            (Limit::Memory, "the limit memory of 32 MiB"),
            (Limit::Stack, "the limit stack of 512 KiB"),
            (Limit::Stderr, "the limit stderr of 1 B"),
            (Limit::Call, "the limit call of 1m"),
            (Limit::Requests, "the limit requests of 64"),
        ] {
            assert_eq!(limits.exceeded(limit).to_string(), text);
        }
    }

    #[test]
    fn the_readme_lists_every_limit_with_its_default() {
        let limits = Limits::default();
        let row = |limit: Limit| format!("| `{}` | {} | {} |\n", limit.name(), limits.value(limit), limit.about());
        let table: String = Limit::ALL.map(row).concat();
        assert!(include_str!("../../README.md").contains(&table), "the table should be\n{table}");
    }
}
