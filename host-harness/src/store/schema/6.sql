-- When a call was about to be made that settles the trigger of an attempt: one for each that may have started a run.
CREATE TABLE settles (
    attempt INTEGER NOT NULL REFERENCES attempts (id),
    number INTEGER NOT NULL,
    intended_at INTEGER NOT NULL,
    boot TEXT,
    boot_ms INTEGER,
    PRIMARY KEY (attempt, number)
) STRICT;
