"""Plans as stored drafts: approval by a second person, scheduled releases, undo.

In: a Plan of core. Out: batches of the ledger. Never: a change to custody but through the ledger, a planner approving
their own plan, a release that was not checked.
"""
