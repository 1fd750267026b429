-- Which number a record of the evidence is about. The evidence has the hash of salt and number alone:
-- without this row nobody finds the number, and the evidence still holds.
CREATE TABLE commitments (
    hash   BLOB PRIMARY KEY CHECK (length(hash) = 32),
    salt   BLOB NOT NULL CHECK (length(salt) = 16),
    number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX commitments_number ON commitments (number);

-- Numbers that were erased: each has left a pseudonym, 999000000000000 and this id, which is no
-- number that can be dialed (ITU-T E.164 has no country code 999).
CREATE TABLE erasures (
    id    INTEGER PRIMARY KEY,
    at_us INTEGER NOT NULL
) STRICT;
