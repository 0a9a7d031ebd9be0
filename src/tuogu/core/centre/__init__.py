"""The resource centre (S1): five categories of customers, handed to planners by score, each share of equal worth."""
