"""Customers' data made whole: return visits, the amendment register, signed batches for IT, samples and holds.

Other rooms use `actions` and `queries`. A filed visit or amendment is never changed; a correction is a new one.
"""
