-- The books. Times are microseconds since 1970-01-01T00:00:00Z (columns end in _us), telephone
-- numbers are the digits of their E.164 form as an integer, words are those of the API.

-- One row each time a dialer opens the books. A claim on a lead names the run that holds it.
CREATE TABLE runs (
    id         INTEGER PRIMARY KEY,
    opened_us  INTEGER NOT NULL,
    first_call INTEGER NOT NULL
) STRICT;

CREATE TABLE campaigns (
    id    INTEGER PRIMARY KEY,
    name  TEXT NOT NULL UNIQUE,
    phase TEXT NOT NULL DEFAULT 'stopped' CHECK (phase IN ('paused', 'running', 'stopped'))
) STRICT;

-- A file of leads. Rows are staged first; from 'landing' on the file lands whole, also over a crash.
CREATE TABLE imports (
    id         INTEGER PRIMARY KEY,
    campaign   INTEGER NOT NULL REFERENCES campaigns (id),
    source     TEXT NOT NULL,
    began_us   INTEGER NOT NULL,
    landed     INTEGER NOT NULL DEFAULT 0,
    state      TEXT NOT NULL CHECK (state IN ('landed', 'landing', 'staging'))
) STRICT;
CREATE UNIQUE INDEX imports_one_at_a_time ON imports (state = 'landed') WHERE state <> 'landed';

CREATE TABLE staged_leads (
    id         INTEGER PRIMARY KEY,
    number     INTEGER NOT NULL,
    first_name TEXT,
    last_name  TEXT,
    state      TEXT,
    zip        TEXT,
    attributes TEXT
) STRICT;

-- One number in one campaign. Waiting: not closed and not claimed. refused_by: the rule
-- of the last refusal, since its last call.
CREATE TABLE leads (
    id         INTEGER PRIMARY KEY,
    campaign   INTEGER NOT NULL REFERENCES campaigns (id),
    number     INTEGER NOT NULL CHECK (number > 0),
    first_name TEXT,
    last_name  TEXT,
    state      TEXT,
    zip        TEXT,
    attributes TEXT,
    due_us     INTEGER NOT NULL,
    attempts   INTEGER NOT NULL DEFAULT 0,
    closed     INTEGER NOT NULL DEFAULT 0 CHECK (closed IN (0, 1)),
    claimed_by INTEGER REFERENCES runs (id),
    refused_by TEXT
) STRICT;
CREATE UNIQUE INDEX leads_number ON leads (number, campaign);
CREATE INDEX leads_due ON leads (campaign, (attempts > 0), due_us, id)
    WHERE closed = 0 AND claimed_by IS NULL;
CREATE INDEX leads_claimed ON leads (campaign, claimed_by) WHERE claimed_by IS NOT NULL;
CREATE INDEX leads_closed ON leads (campaign, refused_by) WHERE closed = 1;

-- One call attempt, written before its INVITE leaves, and its record, complete from ended_us on.
CREATE TABLE attempts (
    call                INTEGER PRIMARY KEY,
    run                 INTEGER NOT NULL REFERENCES runs (id),
    lead                INTEGER NOT NULL REFERENCES leads (id),
    campaign            INTEGER NOT NULL REFERENCES campaigns (id),
    number              INTEGER NOT NULL,
    caller_id           INTEGER,
    trunk               TEXT,
    began_us            INTEGER NOT NULL,
    ringing_us          INTEGER,
    answered_us         INTEGER,
    bridged_us          INTEGER,
    ended_us            INTEGER,
    agent               INTEGER,
    outcome             TEXT,
    ledger              TEXT NOT NULL DEFAULT 'not_counted'
                        CHECK (ledger IN ('abandoned', 'live', 'not_counted')),
    counts              INTEGER NOT NULL DEFAULT 1 CHECK (counts IN (0, 1)),
    by_callee           INTEGER NOT NULL DEFAULT 0 CHECK (by_callee IN (0, 1)),
    verdict             TEXT,
    verdict_probability REAL,
    verdict_at_ms       INTEGER,
    greeting_end_ms     INTEGER,
    sip_status          INTEGER,
    q850                INTEGER,
    sip_call_id         TEXT,
    digits              TEXT NOT NULL DEFAULT '',
    recording           TEXT,
    disposition         TEXT,
    note                TEXT,
    lead_due_us         INTEGER,
    CHECK ((ended_us IS NULL) = (outcome IS NULL))
) STRICT;
CREATE INDEX attempts_number ON attempts (number, began_us);
CREATE INDEX attempts_campaign ON attempts (campaign, began_us);
CREATE UNIQUE INDEX attempts_open ON attempts (lead) WHERE ended_us IS NULL;
CREATE INDEX attempts_lead ON attempts (lead, began_us);
CREATE INDEX attempts_ledger ON attempts (campaign, began_us, ledger) WHERE ledger <> 'not_counted';

CREATE TABLE do_not_call (
    number   INTEGER PRIMARY KEY,
    added_us INTEGER NOT NULL,
    source   TEXT NOT NULL,
    reason   TEXT,
    call     INTEGER
) STRICT;

-- The phone's password itself is never here: only what digest needs (RFC 7616 §3.4.2, HA1).
CREATE TABLE agents (
    id         INTEGER PRIMARY KEY,
    extension  TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    realm      TEXT NOT NULL,
    ha1_md5    TEXT NOT NULL,
    ha1_sha256 TEXT NOT NULL
) STRICT;
CREATE TABLE agent_campaigns (
    agent    INTEGER NOT NULL REFERENCES agents (id),
    campaign INTEGER NOT NULL REFERENCES campaigns (id),
    PRIMARY KEY (agent, campaign)
) STRICT, WITHOUT ROWID;

-- Only the SHA-256 of a token: who reads the books cannot use the API.
CREATE TABLE api_tokens (
    sha256     BLOB PRIMARY KEY CHECK (length(sha256) = 32),
    label      TEXT NOT NULL,
    created_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
