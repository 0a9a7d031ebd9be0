"""The core system's side: keys with scope, idempotent pushes, webhooks.

Other rooms use `actions` and `queries`. A key has fewer rights than the person who made it.
"""
