//! Reports in the store: written to tables, and read as they are printed.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use serde_json::{Map, Value as Json, json};

use super::AttemptId;
use crate::contract::{Report, Value};

/// Replaces an attempt's report.
pub(super) fn keep(change: &Transaction<'_>, attempt: AttemptId, report: &Report) -> rusqlite::Result<()> {
    change.execute(
        "UPDATE attempts SET message = ?2, started_at = ?3, completed_at = ?4 WHERE id = ?1",
        params![attempt.0, report.message, report.started_at, report.completed_at],
    )?;
    for table in ["steps", "metadata", "links"] {
        change.execute(&format!("DELETE FROM {table} WHERE attempt = ?1"), [attempt.0])?;
    }
    let mut insert = change.prepare("INSERT INTO steps VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    for (position, step) in (0_i64..).zip(&report.steps) {
        insert.execute(params![attempt.0, position, step.name, step.status.as_str(), step.exit_code, step.message])?;
    }
    let mut insert = change.prepare("INSERT INTO metadata VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for (position, fact) in (0_i64..).zip(&report.metadata) {
        let name = &fact.name;
        match &fact.value {
            Value::Text(text) => insert.execute(params![attempt.0, position, name, "text", text])?,
            Value::Integer(number) => insert.execute(params![attempt.0, position, name, "integer", number])?,
            // SQLite would store NaN as null.
            Value::Decimal(number) if number.is_nan() => {
                insert.execute(params![attempt.0, position, name, "text", "NaN"])?
            }
            Value::Decimal(number) => insert.execute(params![attempt.0, position, name, "decimal", number])?,
            Value::Boolean(truth) => insert.execute(params![attempt.0, position, name, "boolean", truth])?,
        };
    }
    let mut insert = change.prepare("INSERT INTO links VALUES (?1, ?2, ?3, ?4)")?;
    for (position, link) in (0_i64..).zip(&report.links) {
        insert.execute(params![attempt.0, position, link.label, link.url])?;
    }
    Ok(())
}

/// The last report of an attempt, as it is printed.
pub(super) fn read(connection: &Connection, attempt: AttemptId) -> rusqlite::Result<Option<Json>> {
    let head = connection
        .query_row(
            "SELECT message, started_at, completed_at FROM attempts WHERE id = ?1 AND message IS NOT NULL",
            [attempt.0],
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?, row.get::<_, Option<String>>(2)?)),
        )
        .optional()?;
    let Some((message, started_at, completed_at)) = head else { return Ok(None) };
    let steps = rows(connection, "steps", attempt, |row| {
        Ok(json!({
            "name": row.get::<_, String>("name")?,
            "status": row.get::<_, String>("status")?,
            "exit_code": row.get::<_, Option<i64>>("exit_code")?,
            "message": row.get::<_, Option<String>>("message")?,
        }))
    })?;
    let metadata = rows(connection, "metadata", attempt, |row| {
        let value = match (row.get::<_, String>("kind")?.as_str(), row.get_ref("value")?) {
            ("boolean", ValueRef::Integer(truth)) => json!(truth != 0),
            (_, ValueRef::Integer(number)) => json!(number),
            (_, ValueRef::Real(number)) => json!(number),
            _ => json!(row.get::<_, String>("value")?),
        };
        Ok((row.get("name")?, value))
    })?;
    let links = rows(connection, "links", attempt, |row| {
        Ok(json!({"label": row.get::<_, String>("label")?, "url": row.get::<_, String>("url")?}))
    })?;
    Ok(Some(json!({
        "message": message,
        "steps": steps,
        "started_at": started_at,
        "completed_at": completed_at,
        "metadata": metadata.into_iter().collect::<Map<_, _>>(),
        "links": links,
    })))
}

fn rows<T>(
    connection: &Connection,
    table: &str,
    attempt: AttemptId,
    read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    let mut query = connection.prepare(&format!("SELECT * FROM {table} WHERE attempt = ?1 ORDER BY position"))?;
    query.query_map([attempt.0], |row| read(row))?.collect()
}
