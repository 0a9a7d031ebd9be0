"""Institutions, people and pools, posts, tokens, and Scope: the only row-level rule. See actions.py,
queries.py.
"""
