"""Pages of the ground: where the policies lie, where the staff live."""
