-- ledger_subject_erase_only ledger_subject
-- A subject never changes, except that its number may be emptied (erasure of personal data).
CREATE TRIGGER ledger_subject_erase_only BEFORE UPDATE ON ledger_subject FOR EACH ROW
WHEN (NOT (NEW.number IS NULL AND NEW.id = OLD.id AND NEW.kind = OLD.kind AND NEW.source_system = OLD.source_system))
EXECUTE FUNCTION tuogu_append_only()
-- ledger_subject_no_delete ledger_subject
CREATE TRIGGER ledger_subject_no_delete BEFORE DELETE OR TRUNCATE ON ledger_subject
FOR EACH STATEMENT EXECUTE FUNCTION tuogu_append_only()
-- ledger_entry_order ledger_entry
-- seq = the seq before + 1, nothing recorded before its predecessor; an entry of a batch is of the batch's kind.
-- Together with unique(subject, relation, seq) this is what makes a double claim impossible.
-- Once a statement, not once a row: half a million entries are checked by two joins.
CREATE TRIGGER ledger_entry_order AFTER INSERT ON ledger_entry
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION ledger_entry_order()
