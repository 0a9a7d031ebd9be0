"""Adopted rulebook versions: append-only, with the date from which each is in force."""
