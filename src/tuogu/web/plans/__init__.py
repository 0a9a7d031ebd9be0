"""Pages of plans: make one, look at it from every side, decide on it, release it, take it back."""
