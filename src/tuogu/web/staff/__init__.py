"""People: the register, one person's record, leaving, duty of the pools, posts and accounts."""
