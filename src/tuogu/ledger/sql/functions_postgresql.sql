CREATE OR REPLACE FUNCTION ledger_entry_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM fresh f LEFT JOIN ledger_entry p
      ON p.subject_id = f.subject_id AND p.relation = f.relation AND p.seq = f.seq - 1
    WHERE f.seq > 1 AND (p.id IS NULL OR p.recorded_at > f.recorded_at)
  ) THEN
    RAISE EXCEPTION 'ledger_entry: seq must follow the entry before'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF EXISTS (
    SELECT 1 FROM (SELECT DISTINCT batch_id, kind, by_id FROM fresh WHERE batch_id IS NOT NULL) f
    LEFT JOIN ledger_batch b ON b.id = f.batch_id
    WHERE b.id IS NULL OR b.kind <> f.kind OR b.by_id <> f.by_id
  ) THEN
    RAISE EXCEPTION 'ledger_entry: not of the kind or the author of its batch'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$
