"""What is carried to the door: registers with page codes, check-up sheets, family tables, high-end lists, estates, scripts.

Other rooms use `actions` and `queries`.
"""
