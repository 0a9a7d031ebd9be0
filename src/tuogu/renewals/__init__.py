"""Motor renewal (S3): the motor books, monthly lists, claims, the steps of the clock, outcomes, rescue, registers, samples.

Other rooms use `actions` and `queries`.
"""
