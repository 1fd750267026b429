-- What a campaign's pacer has learned on earlier days, as JSON, for the next start. Only the newest
-- is kept; a version that is not the program's own is ignored.
CREATE TABLE learned (
    campaign INTEGER PRIMARY KEY REFERENCES campaigns (id),
    version  INTEGER NOT NULL,
    at_us    INTEGER NOT NULL,
    learned  TEXT NOT NULL
) STRICT;
