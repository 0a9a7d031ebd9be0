"""Motor renewal as a clock (S3): bands, monthly lists, steps, claims and their limits; whole columns, no framework."""
