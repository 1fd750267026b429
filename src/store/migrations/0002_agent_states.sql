-- What agents did: one row a change of state. A row holds until the agent's next one; where that
-- one is of another run, nobody knows how long. call: of reserved, talking and wrap_up;
-- lead: of previewing.
CREATE TABLE agent_states (
    id     INTEGER PRIMARY KEY,
    run    INTEGER NOT NULL REFERENCES runs (id),
    agent  INTEGER NOT NULL,
    at_us  INTEGER NOT NULL,
    state  TEXT NOT NULL
           CHECK (state IN ('logged_out', 'paused', 'previewing', 'ready', 'reserved', 'talking',
                            'wrap_up')),
    call   INTEGER,
    lead   INTEGER,
    reason TEXT
) STRICT;
CREATE UNIQUE INDEX agent_states_once ON agent_states (agent, at_us, state);
CREATE INDEX agent_states_at ON agent_states (at_us);
