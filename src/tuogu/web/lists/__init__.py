"""Saved views and chosen columns: what every list of the program shows of them, and their page."""
