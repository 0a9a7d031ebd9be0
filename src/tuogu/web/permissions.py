"""Who may open which page: every URL × method × post, in one table of rights. A URL without a row fails the build.

In: a URL name, a method, posts. Out: yes or no. Never: a rule about rows (that is `Scope`), a right given in a view.
"""

from __future__ import annotations

from dataclasses import dataclass

from tuogu.integration.rights import MachineRight
from tuogu.org.rights import Right, posts_with
from tuogu.org.rights import Right as R  # noqa: N817 - a table of a hundred rows
from tuogu.org.roles import Role

ANYBODY = "anybody"  # no sign-in
SIGNED_IN = "signed_in"  # whoever is signed in, with any post or none
POSTS = "posts"
KEY = "key"  # a key of the API; a session opens nothing there
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Rule:
    """`read` may GET, `write` may POST: whoever has the right, or one of the rights.

    `machine`: what a key of the API needs, whatever the method. `before_second_factor`: also without one (to set it up,
    to leave).
    """

    who: str = POSTS
    read: Right | tuple[Right, ...] = ()
    write: Right | tuple[Right, ...] = ()
    before_second_factor: bool = False
    machine: MachineRight | None = None  # of a KEY; None = any live key

    def posts(self, method: str) -> frozenset[Role]:
        """The posts that may use the URL by `method`."""
        needed = self.read if method in _READING else self.write
        return posts_with(*([needed] if isinstance(needed, Right) else needed))


class PermissionMissing(LookupError):
    """A URL has no row in the table: a mistake of the programmer, found by a test."""


_ANYBODY = Rule(ANYBODY)
_SIGNED_IN = Rule(SIGNED_IN)
_AT_THE_DOOR = Rule(SIGNED_IN, before_second_factor=True)


def _key(right: MachineRight | None = None) -> Rule:
    return Rule(KEY, machine=right)


_TAKE_OUT = (  # whoever may ask for a file of some kind looks after it
    R.EXPORT, R.IMPORT, R.READ_DRAW_LISTS, R.AMEND, R.SIGN_AMENDMENTS, R.APPLY_AMENDMENTS,
)  # fmt: skip

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
    "phone:cases": Rule(read=R.SERVE),
    "phone:case": Rule(read=R.SERVE),
    "phone:receipt": Rule(read=R.SERVE),
    "phone:record": Rule(read=R.SERVE),
    "phone:blank": Rule(read=R.SERVE),
    "phone:records": Rule(read=R.SERVE, write=R.SERVE),
    "phone:outbox": Rule(read=R.SERVE),
    "phone:conflict": Rule(read=R.SERVE),
    "phone:tasks": Rule(read=R.SERVE),
    "phone:calls": Rule(read=R.SERVE),
    "phone:names": Rule(read=R.SERVE),
    "phone:week": Rule(read=R.SERVE, write=R.SERVE),
    "phone:route": Rule(read=R.SERVE),
    "phone_worker": _ANYBODY,  # a script without data
    "phone:pool": Rule(read=R.CLAIM),
    "phone:claims": Rule(read=R.CLAIM),
    "phone:claimed": Rule(read=R.CLAIM),
    "phone:claimed_reveal": Rule(write=R.CLAIM),
    "set_language": _ANYBODY,
    "health": _ANYBODY,
    # the door; allauth's names
    "account_login": _ANYBODY,
    "account_inactive": _ANYBODY,
    "demo_door": _ANYBODY,
    "openid_connect_login": _ANYBODY,
    "openid_connect_callback": _ANYBODY,
    "socialaccount_login_cancelled": _ANYBODY,
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
    "policies:beside": Rule(read=R.READ_BOOKS),
    "policies:held": Rule(read=R.READ_RECORD),
    "policies:reveal": Rule(write=R.REVEAL),
    # files that leave the house: whoever may take one sees the own ones
    "exports:list": Rule(read=(*_TAKE_OUT, R.APPROVE_EXPORTS)),
    "exports:parties": Rule(read=_TAKE_OUT),
    "exports:fetch": Rule(write=_TAKE_OUT),
    "exports:withdraw": Rule(write=_TAKE_OUT),
    "exports:decide": Rule(write=R.APPROVE_EXPORTS),
    "exports:record": Rule(read=(*_TAKE_OUT, R.APPROVE_EXPORTS, R.READ_AUDIT)),
    "exports:all": Rule(read=R.READ_AUDIT),
    "exports:trace": Rule(read=R.READ_AUDIT, write=R.READ_AUDIT),
    "exports:printed": Rule(SIGNED_IN),
    # customers: as the policies
    "customers:list": Rule(read=R.READ_BOOKS),
    "customers:totals": Rule(read=R.READ_BOOKS),
    "customers:views": Rule(read=R.READ_BOOKS),
    "customers:find": Rule(write=R.READ_BOOKS),
    "customers:export": Rule(write=R.EXPORT),
    "customers:record": Rule(read=R.READ_RECORD),
    "customers:beside": Rule(read=R.READ_BOOKS),
    "customers:reveal": Rule(write=R.REVEAL),
    # what people keep of lists
    "lists:views": Rule(read=R.READ_BOOKS),
    "lists:save": Rule(write=R.READ_BOOKS),
    "lists:act": Rule(write=R.READ_BOOKS),
    "lists:default": Rule(write=R.READ_BOOKS),
    "lists:columns": Rule(write=R.READ_BOOKS),
    # transfers asked for by hand
    "transfers:list": Rule(read=R.READ_PLANS),
    "transfers:new": Rule(write=R.PLAN),
    "transfers:ask": Rule(write=R.PLAN),
    "transfers:record": Rule(read=R.READ_PLANS),
    "transfers:decide": Rule(write=R.APPROVE),
    "transfers:withdraw": Rule(write=R.PLAN),
    "transfers:undo": Rule(write=R.UNDO),
    # the ledger
    "ledger:entries": Rule(read=R.READ_BOOKS),
    "ledger:count": Rule(read=R.READ_BOOKS),
    "ledger:export": Rule(write=R.EXPORT),
    "ledger:batches": Rule(read=R.READ_BOOKS),
    "ledger:batch": Rule(read=R.READ_BOOKS),
    "ledger:beside": Rule(read=R.READ_BOOKS),
    "ledger:history": Rule(read=R.READ_RECORD),
    # imports and jobs
    "imports:list": Rule(read=R.READ_IMPORTS),
    "imports:template": Rule(read=R.READ_IMPORTS),
    "imports:others": Rule(read=R.READ_IMPORTS),
    "imports:other_template": Rule(read=R.READ_IMPORTS),
    "imports:known": Rule(read=R.READ_IMPORTS),
    "imports:forget_known": Rule(write=R.IMPORT),
    "imports:new": Rule(read=R.IMPORT, write=R.IMPORT),
    "imports:upload": Rule(read=R.IMPORT),
    "imports:mapping": Rule(read=R.IMPORT, write=R.IMPORT),
    "imports:check": Rule(write=R.IMPORT),
    "imports:commit": Rule(write=R.IMPORT),
    "imports:discard": Rule(write=R.IMPORT),
    "imports:rejects": Rule(write=R.IMPORT),
    "imports:run": Rule(read=R.READ_IMPORTS),
    "imports:run_rejects": Rule(write=R.IMPORT),
    "imports:revert": Rule(read=R.READ_PLANS),
    "imports:ask_revert": Rule(write=R.IMPORT),
    "imports:confirm_revert": Rule(write=R.CONFIRM_REVERTS),
    "imports:decline_revert": Rule(write=(R.IMPORT, R.CONFIRM_REVERTS)),
    "jobs:list": Rule(read=R.READ_IMPORTS),
    "jobs:progress": Rule(read=R.READ_IMPORTS),
    "jobs:cancel": Rule(write=R.RUN_JOBS),
    # leavers' notices and WeCom contacts
    "notices:board": Rule(read=R.READ_NOTICES),
    "notices:cases": Rule(read=R.READ_NOTICES),
    "notices:case_totals": Rule(read=R.READ_NOTICES),
    "notices:prepare": Rule(write=R.SEND_NOTICES),
    "notices:case": Rule(read=R.READ_NOTICES),
    "notices:prove": Rule(write=R.PROVE_NOTICES),
    "notices:ask_waiver": Rule(write=R.SEND_NOTICES),
    "notices:decide_waiver": Rule(write=R.APPROVE_NOTICES),
    "notices:red": Rule(read=R.READ_NOTICES),
    "notices:outbox": Rule(read=R.READ_NOTICES),
    "notices:settle": Rule(write=R.SEND_NOTICES),
    "notices:cancel": Rule(write=R.SEND_NOTICES),
    "notices:letters": Rule(read=R.READ_NOTICES),
    "notices:print": Rule(write=R.SEND_NOTICES),
    "notices:merge": Rule(write=R.SEND_NOTICES),
    "notices:letter_receipts": Rule(write=R.SEND_NOTICES),
    "notices:wordings": Rule(read=R.READ_NOTICES, write=R.SEND_NOTICES),
    "notices:decide_wording": Rule(write=R.APPROVE_NOTICES),
    "notices:leaver": Rule(read=R.READ_NOTICES),
    "notices:formalities": Rule(write=(R.SEND_NOTICES, R.RECORD_LEAVING)),
    "notices:relations": Rule(read=R.READ_NOTICES),
    "notices:relations_file": Rule(write=R.EXPORT),
    "notices:contacts": Rule(read=R.READ_NOTICES),
    "notices:import_contacts": Rule(write=R.MOVE_CONTACTS),
    "notices:move": Rule(write=R.MOVE_CONTACTS),
    "notices:cancel_move": Rule(write=R.MOVE_CONTACTS),
    "notices:sms_receipt": _ANYBODY,  # signed by the gateway
    # public pools: claim, give back, follow up
    # logs and inspection; the own log and penalties are everybody's own
    "review:home": Rule(read=R.READ_REVIEW),
    "review:log": Rule(read=R.FILE_LOG, write=R.FILE_LOG),
    "review:mine": _SIGNED_IN,
    "review:desk": Rule(read=R.INSPECT, write=R.INSPECT),
    "review:person": Rule(read=R.READ_REVIEW),
    "review:one_log": Rule(read=R.READ_REVIEW),
    "review:report": Rule(write=(R.INSPECT, R.DECIDE_APPEALS)),
    "review:end_report": Rule(write=R.DECIDE_APPEALS),
    "review:lots": Rule(read=R.READ_REVIEW),
    "review:open_lot": Rule(write=R.INSPECT),
    "review:lot": Rule(read=R.READ_REVIEW),
    "review:lot_public": Rule(read=R.READ_REVIEW),
    "review:lot_secret": Rule(write=(R.INSPECT, R.DECIDE_APPEALS)),
    "review:lot_commit": Rule(write=(R.INSPECT, R.DECIDE_APPEALS)),
    "review:lot_reveal": Rule(write=(R.INSPECT, R.DECIDE_APPEALS)),
    "review:penalties": Rule(read=R.READ_REVIEW),
    "review:notify": Rule(write=R.INSPECT),
    "review:penalty": _SIGNED_IN,
    "review:appeal": _SIGNED_IN,
    "review:decide": Rule(write=R.DECIDE_APPEALS),
    "review:months": Rule(read=R.READ_REVIEW),
    "review:close_month": Rule(write=R.INSPECT),
    "pools:board": Rule(read=R.READ_POOLS),
    "pools:pieces": Rule(read=R.READ_POOLS),
    "pools:claim": Rule(write=R.CLAIM),
    "pools:claims": Rule(read=R.READ_POOLS),
    "pools:give_back": Rule(write=(R.CLAIM, R.KEEP_POOLS)),
    "pools:log": Rule(read=R.READ_POOLS),
    "pools:contact": Rule(write=R.SERVE),
    # supervision of care: the buffer group's member keeps what the buffer group holds
    "cases:list": Rule(read=(R.READ_WORK, R.SERVE)),
    "cases:board": Rule(read=R.READ_WORK),
    "cases:new": Rule(read=(R.SERVE, R.CONFIRM_CASES), write=(R.SERVE, R.CONFIRM_CASES)),
    "cases:record": Rule(read=(R.READ_WORK, R.SERVE)),
    "cases:step": Rule(write=(R.SERVE, R.KEEP_WORK, R.CONFIRM_CASES, R.DECIDE_CASES, R.KEEP_PAPERS)),
    "cases:quality": Rule(read=R.CONFIRM_CASES),
    "cases:receipts": Rule(read=(R.READ_WORK, R.SERVE)),
    "cases:receipt": Rule(read=(R.READ_WORK, R.SERVE)),
    "cases:acknowledge": Rule(write=(R.SERVE, R.KEEP_WORK)),
    "cases:card": Rule(read=(R.READ_WORK, R.SERVE)),
    "cases:replace_card": Rule(write=R.SERVE),
    "work:board": Rule(read=(R.READ_WORK, R.KEEP_WORK)),
    "work:map": Rule(read=(R.READ_WORK, R.KEEP_WORK)),
    "work:late": Rule(read=(R.READ_WORK, R.KEEP_WORK)),
    "work:waive": Rule(write=R.KEEP_WORK),
    "work:escalations": Rule(read=(R.READ_WORK, R.KEEP_WORK)),
    "work:conflicts": Rule(read=(R.READ_WORK, R.KEEP_WORK)),
    "work:resolve": Rule(write=R.KEEP_WORK),
    "work:week_plans": Rule(read=(R.READ_WORK, R.KEEP_WORK)),
    "work:coverage": Rule(read=(R.READ_WORK, R.KEEP_WORK)),
    "work:gaps": Rule(read=(R.READ_WORK, R.KEEP_WORK)),
    "work:counts": Rule(read=(R.READ_WORK, R.KEEP_WORK)),
    "work:greetings": Rule(read=(R.READ_WORK, R.KEEP_WORK)),
    # corrections: return visits, the amendment register, signed lists, truthfulness
    "corrections:list": Rule(read=(R.READ_CORRECTIONS, R.RETURN_VISIT)),
    "corrections:new_programme": Rule(read=R.AMEND, write=R.AMEND),
    "corrections:programme": Rule(read=(R.READ_CORRECTIONS, R.RETURN_VISIT)),
    "corrections:visits": Rule(read=(R.READ_CORRECTIONS, R.RETURN_VISIT)),
    "corrections:summary_file": Rule(write=(R.AMEND, R.SIGN_AMENDMENTS)),
    "corrections:desk": Rule(read=R.RETURN_VISIT, write=R.RETURN_VISIT),
    "corrections:desk_reveal": Rule(write=R.RETURN_VISIT),
    "corrections:visit": Rule(read=(R.READ_CORRECTIONS, R.RETURN_VISIT), write=R.RETURN_VISIT),
    "corrections:scripts": Rule(read=(R.READ_CORRECTIONS, R.RETURN_VISIT)),
    "corrections:script": Rule(read=(R.READ_CORRECTIONS, R.RETURN_VISIT)),
    "corrections:new_script": Rule(read=R.AMEND, write=R.AMEND),
    "corrections:approve_script": Rule(write=R.APPROVE),
    "corrections:register": Rule(read=R.READ_CORRECTIONS),
    "corrections:register_count": Rule(read=R.READ_CORRECTIONS),
    "corrections:new_amendment": Rule(read=R.AMEND, write=R.AMEND),
    "corrections:withdraw": Rule(write=R.AMEND),
    "corrections:reveal": Rule(write=(R.AMEND, R.SIGN_AMENDMENTS)),
    "corrections:history": Rule(read=R.READ_CORRECTIONS),
    "corrections:batches": Rule(read=(R.READ_CORRECTIONS, R.SIGN_AMENDMENTS)),
    "corrections:batch": Rule(read=(R.READ_CORRECTIONS, R.SIGN_AMENDMENTS)),
    "corrections:new_batch": Rule(read=R.AMEND, write=R.AMEND),
    "corrections:freeze": Rule(write=R.AMEND),
    "corrections:sign": Rule(write=R.SIGN_AMENDMENTS),
    "corrections:scan": Rule(write=(R.AMEND, R.SIGN_AMENDMENTS)),
    "corrections:send_back": Rule(write=(R.AMEND, R.SIGN_AMENDMENTS, R.APPLY_AMENDMENTS)),
    "corrections:receive": Rule(write=R.APPLY_AMENDMENTS),
    "corrections:apply": Rule(write=R.APPLY_AMENDMENTS),
    "corrections:file_copy": Rule(write=R.AMEND),
    "corrections:undo": Rule(write=R.AMEND),
    "corrections:list_file": Rule(write=(R.APPLY_AMENDMENTS, R.SIGN_AMENDMENTS)),
    "corrections:filed_file": Rule(write=(R.AMEND, R.APPLY_AMENDMENTS, R.SIGN_AMENDMENTS)),
    "corrections:scan_file": Rule(write=(R.AMEND, R.APPLY_AMENDMENTS, R.SIGN_AMENDMENTS)),
    "corrections:truth": Rule(read=R.READ_CORRECTIONS),
    "corrections:check": Rule(write=R.AMEND),
    "corrections:findings": Rule(read=R.READ_CORRECTIONS),
    "corrections:holds": Rule(read=R.READ_CORRECTIONS),
    "corrections:close_hold": Rule(write=R.AMEND),
    "corrections:close_corrected": Rule(write=R.AMEND),
    "corrections:draw_sample": Rule(write=R.AMEND),
    "corrections:sample": Rule(read=R.READ_CORRECTIONS),
    "corrections:verdict": Rule(write=(R.AMEND, R.RETURN_VISIT)),
    # what is carried to the door
    "kit:hub": Rule(read=(R.SERVE, R.READ_BOOKS)),
    "kit:scripts": Rule(read=(R.SERVE, R.READ_CORRECTIONS, R.RETURN_VISIT)),
    "kit:registers": Rule(read=(R.SERVE, R.READ_BOOKS), write=(R.SERVE, R.EXPORT)),
    "kit:register": Rule(read=(R.SERVE, R.READ_BOOKS)),
    "kit:paper": Rule(read=(R.SERVE, R.READ_BOOKS)),
    "kit:register_file": Rule(write=(R.SERVE, R.EXPORT)),
    "kit:returns": Rule(read=(R.SERVE, R.EXPORT), write=(R.SERVE, R.EXPORT)),
    "kit:scan_file": Rule(write=(R.SERVE, R.EXPORT)),
    "kit:customer": Rule(read=R.READ_RECORD),
    "kit:sheets_paper": Rule(read=R.READ_RECORD),
    "kit:sheets_file": Rule(write=(R.SERVE, R.EXPORT)),
    "kit:member": Rule(write=R.SERVE),
    "kit:remove_member": Rule(write=R.SERVE),
    "kit:outside": Rule(write=R.SERVE),
    "kit:high_end": Rule(read=(R.SERVE, R.READ_BOOKS)),
    "kit:high_end_file": Rule(write=(R.SERVE, R.EXPORT)),
    "kit:estates": Rule(read=R.READ_BOOKS),
    "kit:estates_file": Rule(write=R.EXPORT),
    # people
    "staff:list": Rule(read=R.READ_STAFF),
    "staff:totals": Rule(read=R.READ_STAFF),
    "staff:export": Rule(write=R.EXPORT),
    "staff:record": Rule(read=R.READ_STAFF),
    "staff:reveal": Rule(write=R.REVEAL_STAFF),
    "staff:leave": Rule(read=R.RECORD_LEAVING, write=R.RECORD_LEAVING),
    "staff:duty": Rule(read=R.READ_STAFF, write=R.SET_DUTY),
    "staff:posts": Rule(read=R.READ_POSTS, write=R.APPOINT),
    "staff:end_post": Rule(write=R.APPOINT),
    "staff:calendar": Rule(read=R.READ_STAFF, write=R.KEEP_CALENDAR),
    "staff:end_absence": Rule(write=R.KEEP_CALENDAR),
    "staff:substitute": Rule(write=R.KEEP_CALENDAR),
    "staff:end_substitute": Rule(write=R.KEEP_CALENDAR),
    "staff:institutions": Rule(read=R.READ_STAFF),
    "staff:institution": Rule(read=R.READ_STAFF),
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
    "plans:register": Rule(write=R.EXPORT),
    "plans:changes_file": Rule(write=R.EXPORT),
    "plans:adjust": Rule(read=R.PLAN, write=R.PLAN),
    "plans:adjust_upload": Rule(write=R.PLAN),
    "plans:adjust_sheet": Rule(read=R.PLAN),
    "plans:rounds": Rule(read=(R.READ_PLANS, R.WORK_STEPS)),
    "plans:round_new": Rule(read=R.PLAN, write=R.PLAN),
    "plans:round": Rule(read=(R.READ_PLANS, R.WORK_STEPS)),
    "plans:step": Rule(write=R.WORK_STEPS),
    "plans:filings": Rule(read=R.READ_PLANS, write=R.WORK_STEPS),
    "plans:filed_file": Rule(read=R.READ_PLANS),
    "plans:reviews": Rule(read=(R.READ_PLANS, R.REVIEW_DECISIONS)),
    "plans:review": Rule(read=R.REVIEW_DECISIONS, write=R.REVIEW_DECISIONS),
    "plans:explanation": Rule(read=R.READ_RECORD),
    "plans:ask_review": Rule(write=R.READ_RECORD),
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
    "draws:numbers": Rule(write=R.READ_DRAW_LISTS),
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
    # addresses and places
    "regions:home": Rule(read=(R.CODE_ADDRESSES, R.READ_TERRITORY)),
    "regions:desk": Rule(read=R.CODE_ADDRESSES),
    "regions:item": Rule(read=R.CODE_ADDRESSES),
    "regions:search": Rule(read=R.CODE_ADDRESSES),
    "regions:reveal": Rule(write=R.CODE_ADDRESSES),
    "regions:choose": Rule(write=R.CODE_ADDRESSES),
    "regions:uncodable": Rule(write=R.CODE_ADDRESSES),
    "regions:skip": Rule(write=R.CODE_ADDRESSES),
    "regions:undo": Rule(write=R.CODE_ADDRESSES),
    "regions:patterns": Rule(read=R.CODE_ADDRESSES),
    "regions:pattern": Rule(read=R.CODE_ADDRESSES, write=R.CODE_ADDRESSES),
    "regions:homes": Rule(read=R.CODE_ADDRESSES),
    "regions:home_item": Rule(read=R.CODE_ADDRESSES),
    "regions:decide_home": Rule(write=R.CODE_ADDRESSES),
    "regions:codebook": Rule(read=R.READ_TERRITORY),
    "regions:below": Rule(read=R.READ_TERRITORY),
    "regions:code": Rule(read=R.READ_TERRITORY),
    "regions:versions": Rule(read=R.READ_TERRITORY),
    "regions:booklet": Rule(read=R.READ_TERRITORY),
    "regions:booklet_file": Rule(read=R.READ_TERRITORY),
    "regions:changes": Rule(read=R.READ_TERRITORY),
    "regions:change": Rule(read=R.READ_TERRITORY),
    "regions:change_template": Rule(read=R.READ_TERRITORY),
    "regions:new_change": Rule(read=R.KEEP_CODEBOOK, write=R.KEEP_CODEBOOK),
    "regions:decide_change": Rule(write=R.APPROVE_CODEBOOK),
    "regions:zones": Rule(read=R.READ_TERRITORY),
    "regions:zones_map": Rule(read=R.READ_TERRITORY),
    "regions:zone": Rule(read=R.READ_TERRITORY),
    "regions:draw_zone": Rule(write=R.KEEP_CODEBOOK),
    "regions:redraw_zone": Rule(write=R.KEEP_CODEBOOK),
    "regions:end_zone": Rule(write=R.KEEP_CODEBOOK),
    "regions:import_zones": Rule(write=R.KEEP_CODEBOOK),
    "regions:visits": Rule(read=R.READ_BOOKS),
    # the rulebook: whoever works at a desk may read by what rules
    "rules:list": Rule(read=R.READ_RULES),
    "rules:versions": Rule(read=R.READ_RULES),
    "rules:compare": Rule(read=R.READ_RULES),
    "rules:drafts": Rule(read=R.READ_RULES),
    "rules:begin": Rule(read=R.DRAFT_RULES, write=R.DRAFT_RULES),
    "rules:draft": Rule(read=R.READ_RULES),
    "rules:change": Rule(read=R.DRAFT_RULES, write=R.DRAFT_RULES),
    "rules:rehearse": Rule(write=(R.DRAFT_RULES, R.APPROVE_RULES)),
    "rules:submit": Rule(write=R.DRAFT_RULES),
    "rules:withdraw": Rule(write=R.DRAFT_RULES),
    "rules:decide": Rule(write=R.APPROVE_RULES),
    # the auditor
    "audit:period": Rule(read=R.READ_AUDIT),
    "audit:table": Rule(read=R.READ_AUDIT),
    "audit:packs": Rule(read=R.READ_AUDIT),
    "audit:ask": Rule(write=R.READ_AUDIT),
    "audit:check": Rule(read=R.READ_AUDIT, write=R.READ_AUDIT),
    "audit:download": Rule(read=R.READ_AUDIT),
    # privacy: the officer's desk; whoever opens a record sees what the customer refused
    "privacy:home": Rule(read=(R.READ_PRIVACY, R.APPROVE_ERASURE)),
    "privacy:new": Rule(read=R.ANSWER_SUBJECTS, write=R.ANSWER_SUBJECTS),
    "privacy:request": Rule(read=(R.READ_PRIVACY, R.APPROVE_ERASURE)),
    "privacy:act": Rule(write=R.ANSWER_SUBJECTS),
    "privacy:decide": Rule(write=R.APPROVE_ERASURE),
    "privacy:copy": Rule(write=R.ANSWER_SUBJECTS),
    "privacy:statements": Rule(read=R.READ_PRIVACY),
    "privacy:customer": Rule(read=R.READ_RECORD, write=R.KEEP_CONSENTS),
    "privacy:door": Rule(read=R.SERVE, write=R.SERVE),
    "privacy:lift": Rule(write=R.ANSWER_SUBJECTS),
    "privacy:sharing": Rule(read=R.READ_PRIVACY),
    "privacy:parties": Rule(write=R.ANSWER_SUBJECTS),
    "privacy:processing": Rule(read=R.READ_PRIVACY),
    "privacy:periods": Rule(read=R.READ_PRIVACY),
    # the system
    "system:home": Rule(read=R.READ_SYSTEM),
    "system:accesslog": Rule(read=(R.READ_SYSTEM, R.READ_AUDIT)),
    "system:exposure": Rule(read=R.READ_AUDIT),
    "system:classes": Rule(read=(R.READ_SYSTEM, R.READ_AUDIT, R.READ_PRIVACY)),
    "system:accesslog_totals": Rule(read=(R.READ_SYSTEM, R.READ_AUDIT)),
    "keys:list": Rule(read=(R.KEEP_KEYS, R.READ_AUDIT), write=R.KEEP_KEYS),
    "keys:approve": Rule(write=R.KEEP_KEYS),
    "keys:revoke": Rule(write=R.KEEP_KEYS),
    "keys:subscribe": Rule(write=R.KEEP_KEYS),
    "keys:act": Rule(write=R.KEEP_KEYS),
    "keys:docs": Rule(read=(R.KEEP_KEYS, R.READ_SYSTEM, R.READ_AUDIT)),
    # the API: a key is asked, never a session
    "api:openapi-json": _key(),
    "api:api-root": _key(),
    "api:unknown": _key(),
    "api:push_policies": _key(MachineRight.PUSH_BOOKS),
    "api:push_customers": _key(MachineRight.PUSH_BOOKS),
    "api:push_people": _key(MachineRight.PUSH_PEOPLE),
    "api:push_institutions": _key(MachineRight.PUSH_PEOPLE),
    "api:push_events": _key(MachineRight.PUSH_EVENTS),
    "api:custody": _key(MachineRight.READ_CUSTODY),
    "api:history": _key(MachineRight.READ_CUSTODY),
    "api:customer": _key(MachineRight.READ_CUSTODY),
    "api:holdings": _key(MachineRight.READ_CUSTODY),
    "api:changes": _key(MachineRight.READ_CHANGES),
    "api:plans": _key(MachineRight.READ_TASKS),
    "api:notices": _key(MachineRight.READ_TASKS),
    "api:job": _key(),
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
