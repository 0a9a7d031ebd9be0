"""Pages of the notices (离职告知, N-07): board, cases, letters, outbox, wordings, relations, hand-overs of contacts."""
