"""Stored policies and customers, encrypted where personal; the import that opens custody in its own transaction.

In: an intake of core (accepted rows, rejects) with its data date. Out: stored rows, custody opened through the ledger.
Never: a live policy without custody, a row older than what is stored taken as news, personal data in plain text.
"""
