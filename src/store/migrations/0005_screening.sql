-- What else is known of a call's screening, as JSON: a later word of the detector, when the call was
-- taken back, what the word was made of, where its audio is. NULL where there is nothing.
ALTER TABLE attempts ADD COLUMN screening TEXT;
