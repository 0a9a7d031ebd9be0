-- ledger_subject_erase_only ledger_subject
-- A subject never changes, except that its number may be emptied (erasure of personal data).
CREATE TRIGGER ledger_subject_erase_only BEFORE UPDATE ON ledger_subject
WHEN NOT (NEW.number IS NULL AND NEW.id = OLD.id AND NEW.kind = OLD.kind AND NEW.source_system = OLD.source_system)
BEGIN SELECT RAISE(ABORT, 'ledger_subject is append-only: UPDATE refused'); END
-- ledger_subject_no_delete ledger_subject
CREATE TRIGGER ledger_subject_no_delete BEFORE DELETE ON ledger_subject
BEGIN SELECT RAISE(ABORT, 'ledger_subject is append-only: DELETE refused'); END
-- ledger_subject_no_replace ledger_subject
CREATE TRIGGER ledger_subject_no_replace BEFORE INSERT ON ledger_subject
WHEN EXISTS (SELECT 1 FROM ledger_subject WHERE id = NEW.id)
  OR EXISTS (SELECT 1 FROM ledger_subject WHERE number = NEW.number AND source_system = NEW.source_system)
BEGIN SELECT RAISE(ABORT, 'ledger_subject is append-only: REPLACE refused'); END
-- ledger_entry_order ledger_entry
-- seq = the seq before + 1, nothing recorded before its predecessor; an entry of a batch is of the batch's kind.
-- Together with unique(subject, relation, seq) this is what makes a double claim impossible.
CREATE TRIGGER ledger_entry_order BEFORE INSERT ON ledger_entry
BEGIN
  SELECT RAISE(ABORT, 'ledger_entry: seq must follow the entry before')
  WHERE NEW.seq > 1 AND NOT EXISTS (
    SELECT 1 FROM ledger_entry WHERE subject_id = NEW.subject_id AND relation = NEW.relation
    AND seq = NEW.seq - 1 AND recorded_at <= NEW.recorded_at);
  SELECT RAISE(ABORT, 'ledger_entry: not of the kind or the author of its batch')
  WHERE NEW.batch_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM ledger_batch WHERE id = NEW.batch_id AND kind = NEW.kind AND by_id = NEW.by_id);
END
