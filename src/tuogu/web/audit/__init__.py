"""Pages of the auditor: what happened in a period room by room, packs to take home, a pack checked."""
