-- Caller ids that rest, and why. Their counts are those of the attempts.
CREATE TABLE caller_id_rests (
    number   INTEGER NOT NULL,
    at_us    INTEGER NOT NULL,
    until_us INTEGER NOT NULL,
    reason   TEXT NOT NULL CHECK (reason IN ('blocked', 'fewer_answers')),
    PRIMARY KEY (number, at_us)
) STRICT;
CREATE INDEX attempts_caller_id ON attempts (began_us) WHERE caller_id IS NOT NULL;
