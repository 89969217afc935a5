-- A report in tables of its own, for every tool the same.
ALTER TABLE attempts ADD COLUMN message TEXT;
ALTER TABLE attempts ADD COLUMN started_at TEXT;
ALTER TABLE attempts ADD COLUMN completed_at TEXT;

CREATE TABLE steps (
    attempt INTEGER NOT NULL REFERENCES attempts (id),
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    exit_code INTEGER,
    message TEXT,
    PRIMARY KEY (attempt, position)
) STRICT;

CREATE TABLE metadata (
    attempt INTEGER NOT NULL REFERENCES attempts (id),
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    value ANY NOT NULL,
    PRIMARY KEY (attempt, position)
) STRICT;

CREATE TABLE links (
    attempt INTEGER NOT NULL REFERENCES attempts (id),
    position INTEGER NOT NULL,
    label TEXT NOT NULL,
    url TEXT NOT NULL,
    PRIMARY KEY (attempt, position)
) STRICT;

UPDATE attempts SET
    message = report ->> 'message', started_at = report ->> 'started_at', completed_at = report ->> 'completed_at';
INSERT INTO steps
    SELECT id, key, value ->> 'name', value ->> 'status', value ->> 'exit_code', value ->> 'message'
    FROM (SELECT attempts.id AS id, step.key AS key, step.value AS value
          FROM attempts, json_each(attempts.report, '$.steps') AS step);
INSERT INTO metadata
    SELECT attempts.id, row_number() OVER (PARTITION BY attempts.id) - 1, fact.key,
        CASE fact.type
            WHEN 'text' THEN 'text'
            WHEN 'integer' THEN 'integer'
            WHEN 'real' THEN 'decimal'
            ELSE 'boolean'
        END,
        fact.atom
    FROM attempts, json_each(attempts.report, '$.metadata') AS fact
    WHERE fact.type IN ('text', 'integer', 'real', 'true', 'false');
INSERT INTO links
    SELECT id, key, value ->> 'label', value ->> 'url'
    FROM (SELECT attempts.id AS id, link.key AS key, link.value AS value
          FROM attempts, json_each(attempts.report, '$.links') AS link);
ALTER TABLE attempts DROP COLUMN report;
