"""The pages. Thin: a view asks the rooms below and fills a template.

In: requests of signed-in people. Out: pages, files. Never: a business rule, a query of its own, personal data in clear
that the choke point (`personal`) did not give out, a URL without a row in `permissions`.
"""
