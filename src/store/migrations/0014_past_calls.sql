-- What rules about debts ask of an earlier call: which debt it was about (the lead's column law.debt,
-- as it was when the call began; NULL: not known), and whether the number was not the person's.
ALTER TABLE attempts ADD COLUMN debt TEXT;
ALTER TABLE attempts ADD COLUMN wrong_person INTEGER NOT NULL DEFAULT 0 CHECK (wrong_person IN (0, 1));

-- The debt of each lead that names one.
CREATE VIEW debts (lead, debt) AS
    SELECT leads.id, trim(cell.value) FROM leads, json_each(leads.attributes) AS cell
    WHERE lower(cell.key) = 'law.debt' AND trim(cell.value) <> '';

UPDATE attempts SET debt = (SELECT debt FROM debts WHERE debts.lead = attempts.lead LIMIT 1);
