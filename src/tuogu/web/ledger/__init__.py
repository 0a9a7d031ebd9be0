"""The ledger: the distribution record, batches, the history of one policy, and the state of the chain."""
