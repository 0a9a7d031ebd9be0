"""The repurchase campaign in operation (S2): preconditions, weekly reports, ranking, evaluation days.

Other rooms use `actions` and `queries`.
"""
