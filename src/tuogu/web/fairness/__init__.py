"""The page of the fairness account (公平账, N-10): what everybody received over time, beside what equals received."""
