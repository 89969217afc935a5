//! Makes a page of `size` rows (1,000) in JSON and reads it as a plugin reads the answer of its tool.

hostile_plugins::plugin!(|call| {
    let row = |row| {
        let name = format!("116078.{row}.sync.2026-01-05-09.00.00.a1b2c3");
        format!(r#"{{"job_name": "{name}", "source_id": {row}, "tap_exit_status": 0, "tap_description": "\"ok\""}}"#)
    };
    let rows: Vec<String> = (0..call.size(1_000)).map(row).collect();
    let page = format!(r#"{{"data": [{}]}}"#, rows.join(", "));
    let page: serde_json::Value = serde_json::from_str(&page).unwrap_or_default();
    let rows = page["data"].as_array().into_iter().flatten();
    let sum: u64 = rows.filter_map(|row| row["source_id"].as_u64()).sum();
    succeeded(sum.to_string())
});
