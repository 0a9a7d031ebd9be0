"""Pages of logs and inspection: the own log, the inspector's desk, lots, the penalty ledger, the month's close."""
