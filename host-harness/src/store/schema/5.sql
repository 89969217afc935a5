-- Requests that wait for an account, in the order of coming, whatever process they are of.
CREATE TABLE tickets (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    owner INTEGER NOT NULL,
    -- Counted up while its process waits, so that others see that it is alive.
    beat INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX tickets_of_account ON tickets (account, id);

-- When requests were made, by the clock that nobody sets.
ALTER TABLE spending ADD COLUMN boot TEXT;
ALTER TABLE spending ADD COLUMN boot_ms INTEGER;

-- The highest number of a run when runs were deleted: no number is given twice.
CREATE TABLE pruned (last_run INTEGER NOT NULL) STRICT;
INSERT INTO pruned VALUES (0);
