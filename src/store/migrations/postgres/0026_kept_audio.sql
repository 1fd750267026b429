-- The calls of which audio is kept: those that are old enough are looked for every hour.
CREATE INDEX attempts_audio ON attempts (campaign, began_us)
    WHERE (screening::json ->> 'audio') IS NOT NULL;
