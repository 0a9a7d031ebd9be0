"""Pages of the repurchase campaign in operation: board, weekly reports, audits, ranking, scripts, evaluation day."""
