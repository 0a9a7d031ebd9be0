"""Pages of the cases: board, lists, one case with the steps allowed now, quality's desk, receipts, service cards."""
