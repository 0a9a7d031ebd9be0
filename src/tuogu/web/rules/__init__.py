"""Pages of the rulebook: its numbers with where each comes from, its versions, what a version changed. Read only."""
