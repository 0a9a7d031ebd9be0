"""Writes of this room: tasks made and ended, records, conflicts, families, weekly plans, escalation.

Keyword-only `by` (custodian id) and `at` (moment), one transaction each. Who must do a task is who holds its subject.
"""

from __future__ import annotations

from tuogu.work.agreeing import Agreed
from tuogu.work.asking import ask_tasks, end_tasks
from tuogu.work.conflicts import resolve
from tuogu.work.deciding import ask_task, correct, finish, waive
from tuogu.work.elsewhere import also_holds
from tuogu.work.escalating import tick
from tuogu.work.evidence import also_tells
from tuogu.work.failures import Moved, WorkRefused
from tuogu.work.families import keep_member, keep_outside_policy, refer, withdraw_member
from tuogu.work.recording import Filed, record
from tuogu.work.rolling import roll
from tuogu.work.said import Paper, Said
from tuogu.work.week_plans import PlanLine, file_week_plan

__all__ = [
    "Agreed", "Filed", "Moved", "Paper", "PlanLine", "Said", "WorkRefused", "also_holds", "also_tells", "ask_task",
    "ask_tasks", "correct", "end_tasks",
    "file_week_plan", "finish", "keep_member", "keep_outside_policy", "record", "refer", "resolve", "roll", "tick", "waive",
    "withdraw_member",
]  # fmt: skip
