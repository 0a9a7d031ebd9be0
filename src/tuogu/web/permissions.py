"""Who may open which page: every URL × method × post, in one table of rights. A URL without a row fails the build.

In: a URL name, a method, posts. Out: yes or no. Never: a rule about rows (that is `Scope`), a right given in a view.
"""

from __future__ import annotations

from dataclasses import dataclass

from tuogu.org.rights import Right, posts_with
from tuogu.org.rights import Right as R  # noqa: N817 - a table of a hundred rows
from tuogu.org.roles import Role

ANYBODY = "anybody"  # no sign-in
SIGNED_IN = "signed_in"  # whoever is signed in, with any post or none
POSTS = "posts"
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Rule:
    """`read` may GET, `write` may POST: whoever has the right, or one of the rights.

    `before_second_factor`: also without one (to set it up, to leave).
    """

    who: str = POSTS
    read: Right | tuple[Right, ...] = ()
    write: Right | tuple[Right, ...] = ()
    before_second_factor: bool = False

    def posts(self, method: str) -> frozenset[Role]:
        """The posts that may use the URL by `method`."""
        needed = self.read if method in _READING else self.write
        return posts_with(*([needed] if isinstance(needed, Right) else needed))


class PermissionMissing(LookupError):
    """A URL has no row in the table: a mistake of the programmer, found by a test."""


_ANYBODY = Rule(ANYBODY)
_SIGNED_IN = Rule(SIGNED_IN)
_AT_THE_DOOR = Rule(SIGNED_IN, before_second_factor=True)

PERMISSIONS: dict[str, Rule] = {
    "home": _SIGNED_IN,
    "search": _SIGNED_IN,
    # the buffer group by why
    "buffer": Rule(read=R.READ_BOOKS),
    "buffer_lines": Rule(read=R.READ_BOOKS),
    # the phone: what the ledger gave to the viewer in person
    "phone:today": Rule(read=R.SERVE),
    "phone:customers": Rule(read=R.SERVE),
    "phone:customer": Rule(read=R.SERVE),
    "phone:reveal": Rule(write=R.SERVE),
    "phone:months": Rule(read=R.SERVE),
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
    "policies:list": Rule(read=R.READ_BOOKS),
    "policies:totals": Rule(read=R.READ_BOOKS),
    "policies:views": Rule(read=R.READ_BOOKS),
    "policies:find": Rule(write=R.READ_BOOKS),
    "policies:export": Rule(write=R.EXPORT),
    "policies:record": Rule(read=R.READ_RECORD),
    "policies:why": Rule(read=R.READ_RECORD),
    "policies:held": Rule(read=R.READ_RECORD),
    "policies:reveal": Rule(write=R.REVEAL),
    # the ledger
    "ledger:entries": Rule(read=R.READ_BOOKS),
    "ledger:count": Rule(read=R.READ_BOOKS),
    "ledger:batches": Rule(read=R.READ_BOOKS),
    "ledger:batch": Rule(read=R.READ_BOOKS),
    "ledger:history": Rule(read=R.READ_RECORD),
    # imports and jobs
    "imports:list": Rule(read=R.READ_IMPORTS),
    "imports:template": Rule(read=R.READ_IMPORTS),
    "imports:new": Rule(read=R.IMPORT, write=R.IMPORT),
    "imports:upload": Rule(read=R.IMPORT),
    "imports:mapping": Rule(read=R.IMPORT, write=R.IMPORT),
    "imports:check": Rule(write=R.IMPORT),
    "imports:commit": Rule(write=R.IMPORT),
    "imports:discard": Rule(write=R.IMPORT),
    "imports:rejects": Rule(read=R.IMPORT),
    "imports:run": Rule(read=R.READ_IMPORTS),
    "imports:run_rejects": Rule(read=R.IMPORT),
    "imports:revert": Rule(read=R.READ_PLANS),
    "imports:ask_revert": Rule(write=R.IMPORT),
    "imports:confirm_revert": Rule(write=R.CONFIRM_REVERTS),
    "imports:decline_revert": Rule(write=(R.IMPORT, R.CONFIRM_REVERTS)),
    "jobs:list": Rule(read=R.READ_IMPORTS),
    "jobs:progress": Rule(read=R.READ_IMPORTS),
    "jobs:cancel": Rule(write=R.RUN_JOBS),
    # people
    "staff:list": Rule(read=R.READ_STAFF),
    "staff:totals": Rule(read=R.READ_STAFF),
    "staff:record": Rule(read=R.READ_STAFF),
    "staff:reveal": Rule(write=R.REVEAL_STAFF),
    "staff:leave": Rule(read=R.RECORD_LEAVING, write=R.RECORD_LEAVING),
    "staff:duty": Rule(read=R.READ_STAFF, write=R.SET_DUTY),
    "staff:posts": Rule(read=R.READ_POSTS, write=R.APPOINT),
    "staff:end_post": Rule(write=R.APPOINT),
    "staff:account": Rule(read=R.KEEP_ACCOUNTS),
    "staff:account_act": Rule(write=R.KEEP_ACCOUNTS),
    # plans
    "plans:list": Rule(read=R.READ_PLANS),
    "plans:making": Rule(read=R.READ_PLANS),
    "plans:new": Rule(read=R.PLAN, write=R.PLAN),
    "plans:plan": Rule(read=R.READ_PLANS),
    "plans:map": Rule(read=R.READ_PLANS),
    "plans:rows": Rule(read=R.READ_PLANS),
    "plans:placed": Rule(read=R.READ_PLANS),
    "plans:sheet": Rule(read=R.READ_PLANS),
    "plans:changes": Rule(read=R.READ_PLANS),
    "plans:compare": Rule(read=R.READ_PLANS),
    "plans:register": Rule(read=R.READ_PLANS),
    "plans:changes_file": Rule(read=R.READ_PLANS),
    "plans:decide": Rule(read=R.APPROVE, write=R.APPROVE),
    "plans:withdraw": Rule(write=R.PLAN),
    "plans:release": Rule(write=R.RELEASE),
    "plans:release_outlook": Rule(read=R.READ_PLANS),
    "plans:cancel": Rule(write=R.UNDO),
    "plans:again": Rule(write=R.UNDO),
    "plans:undo": Rule(read=R.UNDO, write=R.UNDO),
    "plans:undo_decide": Rule(write=R.UNDO),
    # draws, facts and fairness: views inside the plans
    "draws:list": Rule(read=R.READ_PLANS),
    "draws:new": Rule(read=R.OPEN_DRAWS, write=R.OPEN_DRAWS),
    "draws:draw": Rule(read=R.READ_PLANS),
    "draws:public": Rule(read=R.READ_PLANS),
    "draws:numbers": Rule(read=R.READ_DRAW_LISTS),
    "draws:secret": Rule(write=R.JOIN_DRAWS),
    "draws:commit": Rule(write=R.JOIN_DRAWS),
    "draws:reveal": Rule(write=R.JOIN_DRAWS),
    "facts:list": Rule(read=R.READ_PLANS),
    "facts:history": Rule(read=R.READ_PLANS),
    "fairness:board": Rule(read=R.READ_PLANS),
    # territory
    "territory:distribution": Rule(read=R.READ_TERRITORY),
    "territory:map": Rule(read=R.READ_TERRITORY),
    "territory:homes": Rule(read=R.READ_PLANS),
    "territory:homes_map": Rule(read=R.READ_PLANS),
    # the rulebook: whoever works at a desk may read by what rules
    "rules:list": Rule(read=R.READ_RULES),
    "rules:versions": Rule(read=R.READ_RULES),
    "rules:compare": Rule(read=R.READ_RULES),
    # the system
    "system:home": Rule(read=R.READ_SYSTEM),
    "system:accesslog": Rule(read=R.READ_SYSTEM),
    "system:accesslog_totals": Rule(read=R.READ_SYSTEM),
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
    return bool(roles & rule.posts(method))
