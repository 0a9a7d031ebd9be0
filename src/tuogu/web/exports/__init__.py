"""Files that leave the house, as pages: ask with a reason, see one's own, decide on others', trace a copy."""
