"""Every figure with its definition, frozen month by month, and the bulletins, analyses, charts and mails made from them.

Other rooms use `actions` and `queries`.
"""
