CREATE TABLE pipeline_runs (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    file TEXT NOT NULL,
    definition TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    outcome TEXT
) STRICT;
-- Of a pipeline, one run at a time.
CREATE UNIQUE INDEX unfinished ON pipeline_runs (name) WHERE ended_at IS NULL;

CREATE TABLE task_runs (
    id INTEGER PRIMARY KEY,
    pipeline_run INTEGER NOT NULL REFERENCES pipeline_runs (id),
    name TEXT NOT NULL,
    tool TEXT NOT NULL,
    plugin TEXT NOT NULL,
    state TEXT NOT NULL,
    message TEXT,
    retry_at INTEGER,
    changed_at INTEGER NOT NULL,
    UNIQUE (pipeline_run, name)
) STRICT;

CREATE TABLE attempts (
    id INTEGER PRIMARY KEY,
    task_run INTEGER NOT NULL REFERENCES task_runs (id),
    number INTEGER NOT NULL,
    intended_at INTEGER NOT NULL,
    run TEXT,
    next_poll_at INTEGER,
    report TEXT,
    error TEXT,
    outcome TEXT,
    UNIQUE (task_run, number)
) STRICT;

CREATE TABLE transitions (
    id INTEGER PRIMARY KEY,
    task_run INTEGER NOT NULL REFERENCES task_runs (id),
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    detail TEXT
) STRICT;

-- What was asked of an account, and what is reserved to be asked.
CREATE TABLE spending (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    at INTEGER NOT NULL,
    requests INTEGER NOT NULL
) STRICT;
CREATE INDEX spending_of_account ON spending (account, at);

CREATE TABLE secrets (account_key BLOB NOT NULL) STRICT;
