-- People who call in. Such a call is none of its lead's turns: it uses up no attempt, claims nothing,
-- and several may be up at once (a switchboard's one number, callers who withhold theirs).
-- Its number is the caller's, its caller_id the number that was called.
ALTER TABLE attempts ADD COLUMN inbound INTEGER NOT NULL DEFAULT 0 CHECK (inbound IN (0, 1));
DROP INDEX attempts_open;
CREATE UNIQUE INDEX attempts_open ON attempts (lead) WHERE ended_us IS NULL AND inbound = 0;
CREATE INDEX attempts_unended ON attempts (lead) WHERE ended_us IS NULL;

-- Who brought the lead: a file (imports.landed counts it), an agent who dialed, or the person.
ALTER TABLE leads ADD COLUMN origin TEXT NOT NULL DEFAULT 'import'
    CHECK (origin IN ('agent', 'caller', 'import'));
