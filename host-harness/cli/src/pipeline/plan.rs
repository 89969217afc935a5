//! The plan of a pipeline: its tasks in an order in which they can start.

use std::fmt::Write;

use host_harness::pipeline::{Definition, ResolvedPipeline, ResolvedTask};
use serde_json::{Value, json};

use crate::text::in_one_line;

/// The tasks in topological order.
fn tasks(pipeline: &ResolvedPipeline) -> impl Iterator<Item = &ResolvedTask> {
    pipeline.order.iter().map(|task| &pipeline.tasks[*task])
}

/// The names of a task's dependencies.
fn after<'a>(pipeline: &'a ResolvedPipeline, task: &ResolvedTask) -> Vec<&'a str> {
    task.after.iter().map(|before| &*pipeline.tasks[*before].name).collect()
}

/// The plan for people.
pub(crate) fn text(definition: &Definition, pipeline: &ResolvedPipeline) -> String {
    let mut text = format!("{}: every task can be started, in this order\n", pipeline.name);
    let width = pipeline.tasks.iter().map(|task| task.name.len()).max().unwrap_or_default();
    for task in tasks(pipeline) {
        let start = match after(pipeline, task)[..] {
            [] => "at once".to_owned(),
            ref names => format!("after {}", names.join(", ")),
        };
        let (connection, tool) = (&definition.connections[task.connection].name, in_one_line(&task.descriptor.tool));
        _ = writeln!(text, "  {:width$}  {start}, through {connection} ({tool})", task.name);
    }
    text
}

/// The plan for programs.
pub(crate) fn document(definition: &Definition, pipeline: &ResolvedPipeline) -> Value {
    let task = |task: &ResolvedTask| {
        json!({
            "name": task.name,
            "connection": definition.connections[task.connection].name,
            "tool": task.descriptor.tool,
            "plugin": {"name": task.descriptor.name, "version": task.descriptor.version},
            "after": after(pipeline, task),
        })
    };
    json!({"name": pipeline.name, "tasks": tasks(pipeline).map(task).collect::<Vec<_>>()})
}
