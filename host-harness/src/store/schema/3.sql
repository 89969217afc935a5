-- When a trigger was about to be sent, by the clock that nobody sets.
ALTER TABLE attempts ADD COLUMN boot TEXT;
ALTER TABLE attempts ADD COLUMN boot_ms INTEGER;
CREATE INDEX transitions_of_task ON transitions (task_run);
