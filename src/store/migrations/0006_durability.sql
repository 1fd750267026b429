-- How a leg that is up could be ended by the next process, should this one crash: the words of the
-- signalling, one row a leg.
CREATE TABLE dialogs (
    kind   TEXT NOT NULL CHECK (kind IN ('agent', 'call')),
    id     INTEGER NOT NULL,
    dialog TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

-- When the dialer of this run was last alive, at most half a second behind.
ALTER TABLE runs ADD COLUMN alive_us INTEGER;
