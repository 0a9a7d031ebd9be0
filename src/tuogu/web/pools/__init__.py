"""Public pools: what lies there, claiming, what one has claimed and when it goes back, what went back."""
