"""The privacy desk: requests of data subjects, consents and refusals, sharing, periods.

In: requests with a viewer. Out: pages. Never: personal data past web/personal.py; a customer out of scope.
"""
