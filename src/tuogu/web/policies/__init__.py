"""Policies: the list with its views and filters, its export, one policy's record, and the clear look with a reason."""
