"""Supervision of care: what is late and by whom, who is not reached, what waits for a decision."""
