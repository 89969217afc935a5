//! Departures: ways in which the real API may differ from its documentation, for
//! [`Simulator::rewrite`](crate::Simulator::rewrite).

use http::header::DATE;
use serde_json::{Value, json};

use crate::{Answer, Route};

/// Lists without `total` and `links`.
pub fn without_total_and_links(_: Route, answer: &mut Answer) {
    if let Some(page) = answer.json_mut().and_then(Value::as_object_mut) {
        page.remove("total");
        page.remove("links");
    }
}

/// Ids as strings of digits instead of numbers, wherever they are.
pub fn ids_as_text(_: Route, answer: &mut Answer) {
    each_field(answer, &mut |name, value| {
        if let (true, Some(id)) = (name == "id" || name.ends_with("_id"), value.as_u64()) {
            *value = json!(id.to_string());
        }
    });
}

/// Rows with a `tap_name` in place of `source_type`, as the extraction object's own documentation has it.
pub fn tap_name(_: Route, answer: &mut Answer) {
    for row in answer.rows_mut().filter_map(Value::as_object_mut) {
        if let Some(kind) = row.remove("source_type") {
            row.insert("tap_name".to_owned(), kind);
        }
    }
}

/// Every object with an unknown field.
pub fn unknown_fields(_: Route, answer: &mut Answer) {
    each_object(answer, &mut |object| {
        object.insert("brand_new".to_owned(), json!({"nested": [1, null]}));
    });
}

/// Job names whose UUID is not version 1, so that they tell nothing. Their logs are not found.
pub fn random_job_names(_: Route, answer: &mut Answer) {
    each_field(answer, &mut |name, value| {
        if let (true, Some(job_name)) = (name == "job_name", value.as_str()) {
            // The version is the first digit of the third group: RFC 9562, section 4.2.
            let mut groups: Vec<_> = job_name.split('-').map(str::to_owned).collect();
            if let Some(group) = groups.get_mut(2) {
                group.replace_range(..1, "4");
            }
            *value = json!(groups.join("-"));
        }
    });
}

/// Answers without a `Date` header.
pub fn without_date(_: Route, answer: &mut Answer) {
    answer.headers.remove(DATE);
}

fn each_field(answer: &mut Answer, change: &mut impl FnMut(&str, &mut Value)) {
    each_object(answer, &mut |object| object.iter_mut().for_each(|(name, value)| change(name, value)));
}

fn each_object(answer: &mut Answer, change: &mut impl FnMut(&mut serde_json::Map<String, Value>)) {
    fn visit(value: &mut Value, change: &mut impl FnMut(&mut serde_json::Map<String, Value>)) {
        match value {
            Value::Object(object) => {
                object.values_mut().for_each(|inner| visit(inner, change));
                change(object);
            }
            Value::Array(items) => items.iter_mut().for_each(|inner| visit(inner, change)),
            _ => {}
        }
    }
    if let Some(json) = answer.json_mut() {
        visit(json, change);
    }
}
