"""Who may open which page: every URL × method × post, in one table. A URL without a row fails the build.

In: a URL name, a method, posts. Out: yes or no. Never: a rule about rows (that is `Scope`), a right given in a view.
"""

from __future__ import annotations

from dataclasses import dataclass

from tuogu.org.roles import Role

ANYBODY = "anybody"  # no sign-in
SIGNED_IN = "signed_in"  # whoever is signed in, with any post or none
POSTS = "posts"

_ALL = frozenset(Role)
_DESK = _ALL - {Role.ACCOUNT_MANAGER}  # works at a desk
_CLERK = frozenset({Role.RESOURCE_CLERK})
_DECIDES = frozenset({Role.TEAM_LEAD, Role.BRANCH_MANAGER})  # the second person


@dataclass(frozen=True)
class Rule:
    """`read` may GET, `write` may POST. `before_second_factor`: also without one (to set it up, to leave)."""

    who: str = POSTS
    read: frozenset[Role] = frozenset()
    write: frozenset[Role] = frozenset()
    before_second_factor: bool = False


class PermissionMissing(LookupError):
    """A URL has no row in the table: a mistake of the programmer, found by a test."""


_ANYBODY = Rule(ANYBODY)
_SIGNED_IN = Rule(SIGNED_IN)

PERMISSIONS: dict[str, Rule] = {
    "home": _SIGNED_IN,
    "search": _SIGNED_IN,
    "account_login": _ANYBODY,
    "account_logout": Rule(SIGNED_IN, before_second_factor=True),
    "me": _SIGNED_IN,
    "set_language": _ANYBODY,
}


def rule_of(url_name: str) -> Rule:
    """The row of a URL; PermissionMissing when there is none."""
    rule = PERMISSIONS.get(url_name)
    if rule is None:
        raise PermissionMissing(f"no row in web/permissions.py for {url_name!r}")
    return rule


def allowed(roles: frozenset[Role], url_name: str, method: str = "GET") -> bool:
    """Whether posts `roles` may use the URL by `method`; for a signed-in person."""
    rule = rule_of(url_name)
    if rule.who != POSTS:
        return True
    return bool(roles & (rule.read if method in {"GET", "HEAD", "OPTIONS"} else rule.write))
