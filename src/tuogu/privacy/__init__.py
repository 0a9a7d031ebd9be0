"""Consents and refusals, requests of data subjects, retention, the register of sharing.

Other rooms use `actions` and `queries`. Nothing here shows personal data; it says what may be done with it.
"""
