"""Whole units moved in one step for somebody who leaves or begins (P-24)."""
