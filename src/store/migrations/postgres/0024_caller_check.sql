-- Whether who called in may show the number (STIR): a word of CallerCheck; nothing when nobody says.
ALTER TABLE attempts ADD COLUMN caller_check TEXT;
