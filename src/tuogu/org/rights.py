"""What a post may do: one enumeration of rights, one table of posts. Pages, command line and API ask the same table.

In: the posts held. Out: rights. Never: a rule about rows (that is `Scope`), a right that a post does not stand for, an
administrator who sees customers (L-10: system, security and audit are three people).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from tuogu.org.roles import Role


class Right(StrEnum):
    """One thing that may be done. `read_*` look only; the others write."""

    # books
    READ_BOOKS = "read_books"  # lists of policies and customers, masked
    READ_RECORD = "read_record"  # one policy or customer within scope, masked
    REVEAL = "reveal"  # a customer in clear, with a reason
    EXPORT = "export"
    APPROVE_EXPORTS = "approve_exports"
    READ_IMPORTS = "read_imports"
    IMPORT = "import"
    CONFIRM_REVERTS = "confirm_reverts"
    RUN_JOBS = "run_jobs"  # stop a long run
    SERVE = "serve"  # hold policies in person: the phone
    # places
    READ_TERRITORY = "read_territory"
    CODE_ADDRESSES = "code_addresses"
    KEEP_CODEBOOK = "keep_codebook"  # propose splits, merges, renames; zones
    APPROVE_CODEBOOK = "approve_codebook"
    # corrections of customers' data
    READ_CORRECTIONS = "read_corrections"
    RETURN_VISIT = "return_visit"  # call customers to complete their data
    AMEND = "amend"  # write into the amendment register
    SIGN_AMENDMENTS = "sign_amendments"
    APPLY_AMENDMENTS = "apply_amendments"
    # plans
    READ_PLANS = "read_plans"
    PLAN = "plan"
    APPROVE = "approve"
    RELEASE = "release"
    UNDO = "undo"  # cancel, schedule again, ask an undo or decide on it
    WORK_STEPS = "work_steps"  # take and hand on a step of a round
    OPEN_DRAWS = "open_draws"
    JOIN_DRAWS = "join_draws"
    READ_DRAW_LISTS = "read_draw_lists"
    REVIEW_DECISIONS = "review_decisions"  # a human looks again at an automated decision
    # leavers, notices, contacts, pools
    RECORD_LEAVING = "record_leaving"
    READ_NOTICES = "read_notices"
    SEND_NOTICES = "send_notices"
    PROVE_NOTICES = "prove_notices"  # file a call or a signed letter
    APPROVE_NOTICES = "approve_notices"  # second person: wordings, cases closed without proof
    MOVE_CONTACTS = "move_contacts"  # hand over WeCom contacts
    READ_POOLS = "read_pools"
    CLAIM = "claim"
    KEEP_POOLS = "keep_pools"
    # care
    READ_WORK = "read_work"  # what is late, by whom, since when; counts of what was done
    KEEP_WORK = "keep_work"  # waive a task, decide about a record that came too late
    CONFIRM_CASES = "confirm_cases"  # quality: difficult cases, forms of lapsed policies
    DECIDE_CASES = "decide_cases"  # the branch: hard cases, dispatched pieces
    KEEP_PAPERS = "keep_papers"  # the counter: results of what was handed in
    # logs and inspection
    FILE_LOG = "file_log"  # the own daily log
    READ_REVIEW = "read_review"  # inspection plan, checks, the penalty ledger
    INSPECT = (
        "inspect"  # mark and check logs that are one's to check, tell people of penalties, close a month
    )
    DECIDE_APPEALS = "decide_appeals"  # appeals, reports, refusals: never one's own finding
    # renewal, campaign, figures
    READ_RENEWALS = "read_renewals"  # motor lists, registers, boards
    KEEP_RENEWALS = (
        "keep_renewals"  # the city's renewal post: lists, open rounds, call-out, samples, improvements
    )
    NAME_RENEWALS = "name_renewals"  # a branch says who is responsible, and files causes and measures
    CALL_OUT = "call_out"  # head office's call centre: results of its list
    APPROVE_REWARDS = "approve_rewards"  # second person: the year's policy of rewards
    READ_CAMPAIGNS = "read_campaigns"
    FILE_CAMPAIGN = "file_campaign"  # a department's weekly report
    KEEP_CAMPAIGN = "keep_campaign"  # the branch: audits reports, ranks, publishes, evaluates
    READ_REPORTS = "read_reports"
    KEEP_REPORTS = "keep_reports"  # freeze a month, issue, schedule mail
    # privacy
    READ_PRIVACY = "read_privacy"
    KEEP_CONSENTS = "keep_consents"  # record consents and refusals
    ANSWER_SUBJECTS = "answer_subjects"  # requests of data subjects: copy, correction, deletion
    APPROVE_ERASURE = "approve_erasure"
    # people
    READ_STAFF = "read_staff"
    REVEAL_STAFF = "reveal_staff"
    SET_DUTY = "set_duty"
    KEEP_CALENDAR = "keep_calendar"  # absences and substitutes
    READ_POSTS = "read_posts"
    APPOINT = "appoint"
    KEEP_ACCOUNTS = "keep_accounts"
    # rules, audit, system
    READ_RULES = "read_rules"
    DRAFT_RULES = "draft_rules"
    APPROVE_RULES = "approve_rules"
    READ_AUDIT = "read_audit"
    READ_SYSTEM = "read_system"
    KEEP_SYSTEM = "keep_system"
    KEEP_KEYS = "keep_keys"  # keys of the API and webhooks


R = Right
_READS = frozenset({
    R.READ_BOOKS, R.READ_RECORD, R.READ_IMPORTS, R.READ_TERRITORY, R.READ_CORRECTIONS, R.READ_PLANS, R.READ_NOTICES,
    R.READ_POOLS, R.READ_STAFF, R.READ_RULES,
})  # fmt: skip
_READS_FIGURES = frozenset({R.READ_RENEWALS, R.READ_CAMPAIGNS, R.READ_REPORTS})
_CONTROLS = (
    _READS
    | {R.READ_POSTS, R.READ_SYSTEM, R.READ_AUDIT, R.READ_PRIVACY, R.READ_WORK, R.READ_REVIEW}
    | _READS_FIGURES
)
_DECIDES = _READS | {
    R.REVEAL, R.EXPORT, R.APPROVE_EXPORTS, R.CONFIRM_REVERTS, R.RUN_JOBS, R.SIGN_AMENDMENTS, R.APPROVE, R.UNDO,
    R.WORK_STEPS, R.JOIN_DRAWS, R.REVEAL_STAFF, R.SET_DUTY, R.KEEP_CALENDAR, R.APPROVE_CODEBOOK, R.REVIEW_DECISIONS,
    R.KEEP_POOLS, R.KEEP_CONSENTS, R.APPROVE_NOTICES, R.READ_WORK, R.READ_REVIEW,
    R.INSPECT, R.NAME_RENEWALS, R.FILE_CAMPAIGN,
} | _READS_FIGURES  # fmt: skip
_WORKS_AT_A_DESK = frozenset({
    R.READ_BOOKS, R.READ_RECORD, R.READ_TERRITORY, R.READ_STAFF, R.READ_RULES, R.READ_IMPORTS, R.REVEAL, R.EXPORT,
    R.RUN_JOBS, R.REVEAL_STAFF, R.KEEP_CONSENTS,
})  # fmt: skip

RIGHTS: dict[Role, frozenset[Right]] = {
    Role.ACCOUNT_MANAGER: frozenset({
        R.READ_RECORD, R.REVEAL, R.SERVE, R.CLAIM, R.READ_POOLS, R.KEEP_CONSENTS, R.RETURN_VISIT, R.SIGN_AMENDMENTS,
        R.FILE_LOG,
    }),
    Role.TEAM_LEAD: _DECIDES | {R.SERVE, R.KEEP_WORK, R.FILE_LOG},
    Role.DEPARTMENT_MANAGER: _DECIDES | {R.KEEP_WORK},
    Role.RESOURCE_CLERK: _WORKS_AT_A_DESK | _READS | {
        R.IMPORT, R.CODE_ADDRESSES, R.KEEP_CODEBOOK, R.RETURN_VISIT, R.AMEND, R.PLAN, R.RELEASE, R.UNDO, R.WORK_STEPS,
        R.OPEN_DRAWS, R.JOIN_DRAWS, R.READ_DRAW_LISTS, R.RECORD_LEAVING, R.SEND_NOTICES, R.PROVE_NOTICES, R.MOVE_CONTACTS,
        R.SET_DUTY, R.KEEP_CALENDAR, R.KEEP_POOLS, R.DRAFT_RULES, R.READ_WORK,
        R.KEEP_PAPERS, R.READ_REVIEW, R.KEEP_CAMPAIGN, R.KEEP_REPORTS,
    } | _READS_FIGURES,
    Role.BUFFER_MEMBER: _WORKS_AT_A_DESK | {
        R.SERVE, R.CODE_ADDRESSES, R.RETURN_VISIT, R.AMEND, R.READ_CORRECTIONS, R.READ_NOTICES,
        R.PROVE_NOTICES, R.READ_POOLS, R.KEEP_WORK, R.KEEP_PAPERS, R.FILE_LOG,
    },
    Role.RENEWAL_ADMINISTRATOR: _WORKS_AT_A_DESK | _READS | {
        R.RETURN_VISIT, R.AMEND, R.WORK_STEPS, R.KEEP_POOLS, R.PROVE_NOTICES, R.READ_WORK, R.KEEP_PAPERS,
        R.IMPORT, R.KEEP_RENEWALS, R.KEEP_REPORTS,
    } | _READS_FIGURES,
    Role.BRANCH_MANAGER: _DECIDES | {
        R.APPROVE_REWARDS, R.KEEP_CAMPAIGN,
        R.DECIDE_CASES, R.OPEN_DRAWS, R.READ_DRAW_LISTS, R.APPROVE_RULES, R.APPROVE_ERASURE, R.DECIDE_APPEALS,
    },
    Role.PROVINCE_OFFICER: _READS | {R.EXPORT, R.APPROVE_EXPORTS, R.APPROVE_RULES, R.DRAFT_RULES, R.REVIEW_DECISIONS}
    | _READS_FIGURES,
    Role.CALL_CENTRE: frozenset({
        R.READ_RECORD, R.READ_BOOKS, R.REVEAL, R.RETURN_VISIT, R.READ_CORRECTIONS, R.READ_NOTICES, R.PROVE_NOTICES,
        R.KEEP_CONSENTS, R.WORK_STEPS, R.READ_RULES, R.READ_RENEWALS, R.CALL_OUT,
    }),
    Role.INSPECTOR: _CONTROLS | {R.CONFIRM_CASES, R.JOIN_DRAWS, R.REVIEW_DECISIONS, R.DECIDE_APPEALS},
    Role.IT_OFFICER: frozenset({
        R.READ_IMPORTS, R.READ_CORRECTIONS, R.APPLY_AMENDMENTS, R.READ_RULES, R.KEEP_KEYS, R.WORK_STEPS,
    }),
    Role.PRIVACY_OFFICER: frozenset({
        R.READ_RECORD, R.REVEAL, R.READ_PRIVACY, R.KEEP_CONSENTS, R.ANSWER_SUBJECTS, R.APPROVE_EXPORTS, R.READ_AUDIT,
        R.READ_RULES,
    }),
    Role.AUDITOR: _CONTROLS | {R.READ_DRAW_LISTS},
    Role.ADMINISTRATOR: frozenset({
        R.READ_IMPORTS, R.READ_TERRITORY, R.READ_STAFF, R.REVEAL_STAFF, R.RECORD_LEAVING, R.SET_DUTY, R.READ_POSTS,
        R.KEEP_ACCOUNTS, R.READ_RULES, R.READ_SYSTEM, R.KEEP_SYSTEM, R.RUN_JOBS,
    }),
    Role.SECURITY_ADMINISTRATOR: frozenset({
        R.READ_STAFF, R.READ_POSTS, R.APPOINT, R.READ_RULES, R.READ_SYSTEM, R.KEEP_KEYS,
    }),
}  # fmt: skip


def rights_of(roles: Iterable[Role]) -> frozenset[Right]:
    """Everything that these posts together may do; no post, no right."""
    return frozenset().union(*(RIGHTS[role] for role in roles))


def posts_with(*rights: Right) -> frozenset[Role]:
    """The posts that have at least one of these rights."""
    return frozenset(role for role, held in RIGHTS.items() if held & set(rights))
