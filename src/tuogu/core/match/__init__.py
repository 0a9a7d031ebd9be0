"""Eligibility and matching: orphan policies to named receivers, to the original group, to other groups (S4)."""
