"""Pages of motor renewal: board, calendar, claiming, second allocation, calls, registers, samples, improvement, rewards."""
