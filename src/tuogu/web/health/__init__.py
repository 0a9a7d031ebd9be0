"""`/healthz`: is this installation fit to work? For probes; nobody signs in, nothing personal or versioned is told."""
