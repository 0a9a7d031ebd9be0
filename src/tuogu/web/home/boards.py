"""Which blocks stand on the board of which post, and in which order: decisions first for who decides, proofs for who checks.

In: the viewer's posts. Out: names of blocks (templates `home/_<name>.html`), left and right. Never: a block that the posts
do not allow.
"""

from __future__ import annotations

from dataclasses import dataclass

from tuogu.org.roles import Role


@dataclass(frozen=True)
class Layout:
    """Names of blocks in the wide and in the narrow column."""

    wide: tuple[str, ...]
    narrow: tuple[str, ...]


_WORKS = Layout(("todo", "loads"), ("buffer", "leavers", "batches"))
_CHECKS = Layout(("chain", "batches", "loads"), ("looks", "leavers", "buffer"))
LAYOUTS: dict[Role, Layout] = {  # the first post held decides
    Role.RESOURCE_CLERK: _WORKS,
    Role.BRANCH_MANAGER: _WORKS,
    Role.TEAM_LEAD: Layout(("todo", "team", "loads"), ("leavers", "batches")),
    Role.BUFFER_MEMBER: Layout(("todo", "buffer"), ("leavers", "batches")),
    Role.AUDITOR: _CHECKS,
    Role.INSPECTOR: _CHECKS,
    Role.ADMINISTRATOR: Layout(("todo", "chain"), ("looks", "leavers")),
}
NO_POST = Layout(("todo",), ())


def layout_of(roles: frozenset[Role]) -> Layout:
    """The board of whoever holds these posts."""
    return next((layout for role, layout in LAYOUTS.items() if role in roles), NO_POST)
