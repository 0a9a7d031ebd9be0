"""The second opinion, one module a strategy: hard rules recomputed by code that no solver uses."""
