"""Public pools: who may claim how much, what goes back by itself and when, what is hidden until claimed.

Other rooms use `actions` and `queries`. Custody moves by the ledger only.
"""
