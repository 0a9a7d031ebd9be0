"""The territory planner: units of policies to account managers, near home, whole, within every month's band.

Read `solve.py` top to bottom: feasibility arithmetic → `flow` (bound) → `areas` (whole teams and managers) →
`search` (contiguity-keeping moves) → `hand_over` (exact month repair) → `settle` (no single move improves) .
`instance.py` holds the numbers they share. In and out are numpy arrays; `core.plan` speaks tables.
"""
