"""What an auditor takes home: the pack of a period, and its verification.

Other rooms use `actions` and `queries`. Reads only.
"""
