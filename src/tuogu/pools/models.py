"""The tables of this room. Private: other rooms use `actions` and `queries`."""

from __future__ import annotations

PERSONAL: dict[
    str, dict[str, str]
] = {}  # model -> {field: class}; C3 secret, C2 personal, C1 business, C0 technical
