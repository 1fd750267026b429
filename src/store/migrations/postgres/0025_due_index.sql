-- Whether a lead was called before is a number here: PostgreSQL makes "attempts <= 0" of
-- "(attempts > 0) = false", finds that in no index, and reads every lead for the next one.
DROP INDEX leads_due;
CREATE INDEX leads_due ON leads (campaign, ((attempts > 0)::int), due_us, id)
    WHERE closed = 0 AND claimed_by IS NULL;
