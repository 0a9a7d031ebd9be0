"""Allocation by a map that people wrote: business unit or postcode or region code → person (P-26)."""
