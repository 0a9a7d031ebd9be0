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
_READERS = frozenset({Role.INSPECTOR, Role.AUDITOR})  # read everything, write nothing (but _DRAWS)
_ADMINISTERS = frozenset({Role.ADMINISTRATOR})
_PLANS = _CLERK | _DECIDES | _READERS  # work with plans, or read them
_READS_POLICIES = _DESK - _ADMINISTERS
_OPENS_DRAWS = frozenset({Role.RESOURCE_CLERK, Role.BRANCH_MANAGER})
_DRAWS = _OPENS_DRAWS | {Role.TEAM_LEAD, Role.INSPECTOR}  # N-05: the second party may come from outside
_HOLDS = frozenset({Role.ACCOUNT_MANAGER, Role.TEAM_LEAD, Role.BUFFER_MEMBER})  # may hold policies in person


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
_AT_THE_DOOR = Rule(SIGNED_IN, before_second_factor=True)

PERMISSIONS: dict[str, Rule] = {
    "home": _SIGNED_IN,
    "search": _SIGNED_IN,
    # the buffer group by why
    "buffer": Rule(read=_READS_POLICIES),
    "buffer_lines": Rule(read=_READS_POLICIES),
    # the phone: what the ledger gave to the viewer in person
    "phone:today": Rule(read=_HOLDS),
    "phone:customers": Rule(read=_HOLDS),
    "phone:customer": Rule(read=_HOLDS),
    "phone:reveal": Rule(write=_HOLDS),
    "phone:months": Rule(read=_HOLDS),
    "set_language": _ANYBODY,
    "health": _ANYBODY,
    # the door; allauth's names
    "account_login": _ANYBODY,
    "account_inactive": _ANYBODY,
    "demo_door": _ANYBODY,
    "mfa_authenticate": _ANYBODY,  # between password and session: nobody is signed in yet
    "account_logout": _ANYBODY,
    "account_reauthenticate": _AT_THE_DOOR,
    "mfa_reauthenticate": _AT_THE_DOOR,
    "account_change_password": _AT_THE_DOOR,
    "mfa_activate_totp": _AT_THE_DOOR,
    "mfa_deactivate_totp": _SIGNED_IN,
    "mfa_index": _SIGNED_IN,
    "mfa_view_recovery_codes": _SIGNED_IN,
    "mfa_generate_recovery_codes": _SIGNED_IN,
    # one's own account
    "me": _SIGNED_IN,
    "me_sessions": _SIGNED_IN,
    # policies: whoever works with them at a desk; an account manager opens the records of the own ones
    "policies:list": Rule(read=_READS_POLICIES),
    "policies:totals": Rule(read=_READS_POLICIES),
    "policies:views": Rule(read=_READS_POLICIES),
    "policies:find": Rule(write=_READS_POLICIES),
    "policies:export": Rule(write=_READS_POLICIES - _READERS),
    "policies:record": Rule(read=_ALL - _ADMINISTERS),
    "policies:why": Rule(read=_ALL - _ADMINISTERS),
    "policies:held": Rule(read=_ALL - _ADMINISTERS),
    "policies:reveal": Rule(write=_ALL - _ADMINISTERS - _READERS),
    # the ledger
    "ledger:entries": Rule(read=_READS_POLICIES),
    "ledger:count": Rule(read=_READS_POLICIES),
    "ledger:batches": Rule(read=_READS_POLICIES),
    "ledger:batch": Rule(read=_READS_POLICIES),
    "ledger:history": Rule(read=_ALL - _ADMINISTERS),
    # imports and jobs
    "imports:list": Rule(read=_DESK),
    "imports:template": Rule(read=_DESK),
    "imports:new": Rule(read=_CLERK, write=_CLERK),
    "imports:upload": Rule(read=_CLERK),
    "imports:mapping": Rule(read=_CLERK, write=_CLERK),
    "imports:check": Rule(write=_CLERK),
    "imports:commit": Rule(write=_CLERK),
    "imports:discard": Rule(write=_CLERK),
    "imports:rejects": Rule(read=_CLERK),
    "imports:run": Rule(read=_DESK),
    "imports:run_rejects": Rule(read=_CLERK),
    "imports:revert": Rule(read=_CLERK | _DECIDES | _READERS),
    "imports:ask_revert": Rule(write=_CLERK),
    "imports:confirm_revert": Rule(write=_DECIDES),
    "imports:decline_revert": Rule(write=_CLERK | _DECIDES),
    "jobs:list": Rule(read=_DESK),
    "jobs:progress": Rule(read=_DESK),
    "jobs:cancel": Rule(write=_DESK - _READERS),
    # people
    "staff:list": Rule(read=_DESK),
    "staff:totals": Rule(read=_DESK),
    "staff:record": Rule(read=_DESK),
    "staff:reveal": Rule(write=_DESK - _READERS),
    "staff:leave": Rule(read=_CLERK | _ADMINISTERS, write=_CLERK | _ADMINISTERS),
    "staff:duty": Rule(read=_DESK, write=_CLERK | _DECIDES | _ADMINISTERS),
    "staff:posts": Rule(read=_ADMINISTERS | _READERS, write=_ADMINISTERS),
    "staff:end_post": Rule(write=_ADMINISTERS),
    "staff:account": Rule(read=_ADMINISTERS),
    "staff:account_act": Rule(write=_ADMINISTERS),
    # plans
    "plans:list": Rule(read=_PLANS),
    "plans:making": Rule(read=_PLANS),
    "plans:new": Rule(read=_CLERK, write=_CLERK),
    "plans:plan": Rule(read=_PLANS),
    "plans:map": Rule(read=_PLANS),
    "plans:rows": Rule(read=_PLANS),
    "plans:placed": Rule(read=_PLANS),
    "plans:sheet": Rule(read=_PLANS),
    "plans:changes": Rule(read=_PLANS),
    "plans:compare": Rule(read=_PLANS),
    "plans:register": Rule(read=_PLANS),
    "plans:changes_file": Rule(read=_PLANS),
    "plans:decide": Rule(read=_DECIDES, write=_DECIDES),
    "plans:withdraw": Rule(write=_CLERK),
    "plans:release": Rule(write=_CLERK),
    "plans:release_outlook": Rule(read=_PLANS),
    "plans:cancel": Rule(write=_CLERK | _DECIDES),
    "plans:again": Rule(write=_CLERK | _DECIDES),
    "plans:undo": Rule(read=_CLERK | _DECIDES, write=_CLERK | _DECIDES),
    "plans:undo_decide": Rule(write=_CLERK | _DECIDES),
    # draws, facts and fairness: views inside the plans
    "draws:list": Rule(read=_PLANS),
    "draws:new": Rule(read=_OPENS_DRAWS, write=_OPENS_DRAWS),
    "draws:draw": Rule(read=_PLANS),
    "draws:public": Rule(read=_PLANS),
    "draws:numbers": Rule(read=_OPENS_DRAWS | {Role.AUDITOR}),
    "draws:secret": Rule(write=_DRAWS),
    "draws:commit": Rule(write=_DRAWS),
    "draws:reveal": Rule(write=_DRAWS),
    "facts:list": Rule(read=_PLANS),
    "facts:history": Rule(read=_PLANS),
    "fairness:board": Rule(read=_PLANS),
    # territory
    "territory:distribution": Rule(read=_DESK),
    "territory:map": Rule(read=_DESK),
    "territory:homes": Rule(read=_PLANS),
    "territory:homes_map": Rule(read=_PLANS),
    # the rulebook: whoever works at a desk may read by what rules
    "rules:list": Rule(read=_DESK),
    "rules:versions": Rule(read=_DESK),
    "rules:compare": Rule(read=_DESK),
    # the system
    "system:home": Rule(read=_ADMINISTERS | _READERS),
    "system:accesslog": Rule(read=_ADMINISTERS | _READERS),
    "system:accesslog_totals": Rule(read=_ADMINISTERS | _READERS),
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
