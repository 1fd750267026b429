-- Who may sign in. The password is an Argon2id hash in PHC form; without one only a link lets in.
CREATE TABLE users (
    id              INTEGER PRIMARY KEY,
    name            TEXT NOT NULL,
    role            TEXT NOT NULL
                    CHECK (role IN ('administrator', 'agent', 'auditor', 'manager', 'supervisor')),
    agent           INTEGER REFERENCES agents (id),
    password        TEXT,
    -- The shared secret of RFC 6238, the one that is being set up, and the last time step used.
    totp            BLOB,
    totp_offered    BLOB,
    totp_step       INTEGER NOT NULL DEFAULT 0,
    -- Wrong passwords and codes in a row.
    failures        INTEGER NOT NULL DEFAULT 0,
    locked_until_us INTEGER NOT NULL DEFAULT 0,
    disabled        INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
    created_us      INTEGER NOT NULL
) STRICT;
-- One of a name, whatever its case.
CREATE UNIQUE INDEX users_name ON users (lower(name));

-- Sessions, by the hash of the cookie.
CREATE TABLE sessions (
    sha256     BLOB PRIMARY KEY CHECK (length(sha256) = 32),
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_user ON sessions (user_id);

-- Links that let in once, to choose a password: for a user, or for the first administrator, who
-- chooses a name too.
CREATE TABLE invitations (
    sha256     BLOB PRIMARY KEY CHECK (length(sha256) = 32),
    user_id    INTEGER REFERENCES users (id) ON DELETE CASCADE,
    expires_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What a token may do, and until when.
ALTER TABLE api_tokens ADD COLUMN role TEXT NOT NULL DEFAULT 'auditor'
    CHECK (role IN ('administrator', 'agent', 'auditor', 'manager', 'supervisor'));
ALTER TABLE api_tokens ADD COLUMN read_only INTEGER NOT NULL DEFAULT 0 CHECK (read_only IN (0, 1));
ALTER TABLE api_tokens ADD COLUMN expires_us INTEGER;
