"""What a machine may do: the fixed list that a key of the API takes its rights from.

In: words of a key's row. Out: rights. Never: a right of a person (`org.rights`), a way to appoint, approve or release.
"""

from __future__ import annotations

from enum import StrEnum


class MachineRight(StrEnum):
    """One thing that a key may do. Pushes write through the import path; the others read."""

    PUSH_BOOKS = "push_books"  # policies, motor policies and customers
    PUSH_PEOPLE = "push_people"  # people and institutions
    PUSH_EVENTS = "push_events"  # leavers, changes of a policy's state
    READ_CUSTODY = "read_custody"
    READ_TASKS = "read_tasks"  # calendar of releases, open notices
    READ_CHANGES = "read_changes"  # the ledger's feed; what webhooks tell
    READ_CLEAR = "read_clear"  # personal data in clear: counts only once a second person has approved it


M = MachineRight
LABELS: dict[MachineRight, str] = {
    M.PUSH_BOOKS: "推送保单和客户",
    M.PUSH_PEOPLE: "推送人员和机构",
    M.PUSH_EVENTS: "推送离职和保单状态",
    M.READ_CUSTODY: "读取责任人",
    M.READ_TASKS: "读取下发日程和告知",
    M.READ_CHANGES: "读取台账变动和事件通知",
    M.READ_CLEAR: "读取未脱敏资料",
}
