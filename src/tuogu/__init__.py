"""tuogu (托孤): who looks after every orphan policy, proved, handed over and followed."""
