-- The fencing epoch: one higher each time that a process takes a run over. What an earlier holder still writes is refused.
ALTER TABLE pipeline_runs ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;
-- The digest of the component that a run was begun with.
ALTER TABLE task_runs ADD COLUMN plugin_sha256 TEXT;
