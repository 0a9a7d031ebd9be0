"""The custody ledger: the only writer of custody, ownership, development rights and supervision.

actions.py writes, queries.py reads, kinds.py holds the words. Everything else is private to this room.
"""
