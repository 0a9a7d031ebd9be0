"""Customers: the list with its views and filters, and one customer's page with everything that the rooms know."""
