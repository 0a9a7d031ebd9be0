"""What people keep of lists: saved views and chosen columns.

Other rooms use `actions` and `queries`. A view is an address with a name; it holds no row and no personal data.
"""
