-- Several dialers on one database: each run holds campaigns of its own, for as long as it shows life.
-- fenced_us: from then on nothing that the run says is written. lease_us: until when it holds what it
-- holds, by the clock of the database (PostgreSQL alone: a data folder has one dialer).
ALTER TABLE runs ADD COLUMN fenced_us INTEGER;
ALTER TABLE runs ADD COLUMN lease_us INTEGER;
ALTER TABLE campaigns ADD COLUMN held_by INTEGER REFERENCES runs (id);
-- Whose dialogs are whose; those of older versions are nobody's any more.
ALTER TABLE dialogs ADD COLUMN run INTEGER;
