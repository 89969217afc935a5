//! Scenes: what a check was made of.

/// What a check was made of: a situation or a call, played in some way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scene {
    /// The situation of the kit, or the call.
    pub(crate) place: String,
    /// The way in which it was played. None: as it is written.
    pub(crate) play: Option<String>,
    /// The field that it was about, or `run`.
    pub(crate) field: Option<String>,
    /// The plugin's requests and their answers, a line each.
    pub(crate) exchanges: Vec<String>,
    /// The last lines of the plugin's stderr, where it crashed.
    pub(crate) stderr: Vec<String>,
}

impl Scene {
    /// The most lines of stderr that are kept, and the most characters of each.
    const LINES: usize = 10;
    const WIDEST: usize = 300;

    /// A scene in which nothing was sent.
    pub(crate) fn at(place: &str) -> Self {
        Self { place: place.to_owned(), ..Self::default() }
    }

    /// The same, played in this way.
    pub(crate) fn played(self, play: &str) -> Self {
        Self { play: Some(play.to_owned()), ..self }
    }

    /// The same, about this field.
    pub(crate) fn about(self, field: &str) -> Self {
        Self { field: Some(field.to_owned()), ..self }
    }

    /// The same, in which the plugin crashed and had written this.
    pub(crate) fn crashed(self, stderr: &str) -> Self {
        let lines: Vec<_> = stderr.lines().filter(|line| !line.trim().is_empty()).collect();
        let last = &lines[lines.len().saturating_sub(Self::LINES)..];
        Self { stderr: last.iter().map(|line| line.chars().take(Self::WIDEST).collect()).collect(), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_a_plugin_wrote_before_it_crashed_the_last_lines_are_kept() {
        let stderr = (0..30).map(|line| format!("line {line}")).collect::<Vec<_>>().join("\n\n");
        let scene = Scene::at("started").crashed(&stderr);
        assert_eq!((scene.stderr.len(), &*scene.stderr[0], &*scene.stderr[9]), (10, "line 20", "line 29"));
        assert_eq!(Scene::at("started").crashed(&"x".repeat(1_000)).stderr[0].len(), Scene::WIDEST);
        assert_eq!(Scene::at("started").crashed("").stderr, [""; 0]);
    }
}
