"""The stored code book: local changes by version, zones drawn on the map, decisions on doubtful addresses.

Other rooms use `actions` and `queries`. Codes are never reused; a retired one resolves for ever.
"""
