"""The door: password, second factor, recovery codes, and in a demo the named people. allauth does the work."""
