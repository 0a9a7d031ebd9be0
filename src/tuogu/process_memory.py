"""What one process remembers for itself: figures that cost a second and that the ledger's version makes stale.

The default cache is a table that all processes share (limits at the door); this one is nobody else's, so reading it costs
nothing and losing it costs only time.
"""

from __future__ import annotations

from django.core.cache import caches
from django.utils.connection import ConnectionProxy

memory = ConnectionProxy(caches, "memory")
