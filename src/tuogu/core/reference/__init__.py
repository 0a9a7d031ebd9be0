"""Slow and obvious twins of the fast paths in core: what a property test compares them with.

One module for each fast path, written from the rule and not from the fast code; nothing in the product imports them.
"""
