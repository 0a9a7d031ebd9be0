"""The first page of each post: what waits, five figures, load by month, the buffer group, leavers, batches, proofs."""
