"""The command line: arguments in, actions of the rooms called, tables or JSON out. The only room that reads the clock.

Exit codes: 0 done, 1 done with rejected, stale or unplaced rows, 2 refused (nothing was changed), 70 crashed.
"""

from __future__ import annotations

import contextlib
import sys
import traceback
from typing import NoReturn

import typer
from django.db import DatabaseError

from tuogu.accounts.failures import AccountRefused
from tuogu.audit.failures import AuditRefused
from tuogu.books.failures import ImportRefused
from tuogu.cli import (
    accounts,
    address,
    apportion,
    audit,
    books,
    calendar,
    cases,
    chance,
    codebook,
    corrections,
    demo,
    draw,
    export,
    facts,
    imports,
    keys,
    ledger,
    measures,
    notices,
    people,
    plan,
    plan_adjust,
    pools,
    preview,
    privacy,
    release,
    renewals,
    report,
    review,
    rules,
    run,
    serve,
    synth,
    tasks,
    templates,
)
from tuogu.cli.console import CRASHED, REFUSED, refuse
from tuogu.cli.usage import is_help, said_of
from tuogu.core.coding import CodeOverflow
from tuogu.core.draw import DrawError
from tuogu.core.explain import UnknownPolicyError
from tuogu.core.places import DatumMixed
from tuogu.core.rulebook import RulebookError
from tuogu.core.strategies import StrategyError
from tuogu.exports.failures import ExportRefused
from tuogu.files.refusal import FileRefused
from tuogu.jobs.flow import FlowRefused
from tuogu.ledger.failures import LedgerError
from tuogu.notices.failures import NoticeRefused
from tuogu.org.failures import OrgError
from tuogu.plans.archive import ArchiveBroken
from tuogu.plans.failures import PlanRefused, PlanUnknown
from tuogu.privacy.failures import PrivacyRefused
from tuogu.regions.failures import RegionsRefused
from tuogu.renewals.failures import RenewalRefused, RenewalUnknown
from tuogu.reports.failures import ReportsRefused, ReportUnknown
from tuogu.review.failures import ReviewRefused, ReviewUnknown
from tuogu.rules.failures import RulesError
from tuogu.vault import VaultError
from tuogu.work.failures import WorkRefused

app = typer.Typer(
    name="tuogu",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="托孤：孤儿保单由谁照管、为何、何时交接 / who looks after every orphan policy",
)
for command in (
    synth.synth, templates.template, run.import_file, run.run,
    plan.plan, plan_adjust.adjust, release.plans, release.check, release.explain, preview.preview, preview.compare,
    release.approve, release.reject, release.release, release.cancel, release.reschedule, release.undo, people.leave,
    people.duty, people.token, calendar.absence, calendar.substitute, accounts.account, accounts.appoint, demo.demo,
    imports.imports, imports.revert_import,
    facts.facts,
    serve.serve, serve.worker, serve.tick, serve.migrate, apportion.apportion,
):  # fmt: skip
    app.command("import" if command is run.import_file else None)(command)
app.command(hidden=True)(serve.pages)  # `serve` starts it
app.add_typer(address.app, name="address")
app.add_typer(audit.app, name="audit")
app.add_typer(books.app, name="books")
app.add_typer(codebook.app, name="codebook")
app.add_typer(corrections.app, name="corrections")
app.add_typer(draw.app, name="draw")
app.add_typer(export.app, name="export")
app.add_typer(keys.app, name="keys")
app.add_typer(ledger.app, name="ledger")
app.add_typer(measures.app, name="measures")
app.add_typer(privacy.app, name="privacy")
app.add_typer(notices.app, name="notices")
app.add_typer(review.app, name="review")
app.add_typer(pools.app, name="pools")
app.add_typer(tasks.app, name="tasks")
app.add_typer(cases.app, name="cases")
app.add_typer(renewals.app, name="renewals")
app.add_typer(chance.app, name="chance")
app.add_typer(report.app, name="report")
app.add_typer(rules.app, name="rules")


# What the rooms refuse, each with a sentence in Chinese and nothing changed: said here once for every command.
REFUSALS = (
    AccountRefused, ArchiveBroken, AuditRefused,
    CodeOverflow, DatumMixed, DrawError, ExportRefused, FileRefused, FlowRefused, ImportRefused, LedgerError,
    NoticeRefused, OrgError, PlanRefused, PlanUnknown, PrivacyRefused, RegionsRefused, RenewalRefused,
    RenewalUnknown, ReportsRefused, ReportUnknown, ReviewRefused,
    ReviewUnknown, RulebookError, RulesError,
    StrategyError, UnknownPolicyError, VaultError, WorkRefused,
)  # fmt: skip


def main() -> None:
    """Entry point of the `tuogu` command."""
    try:
        code = app(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except typer.TyperException as error:
        if is_help(error):
            sys.exit(REFUSED)
        _refused(said_of(error))
    except typer.Abort:
        _refused("已中断")
    except OSError as error:  # a folder that cannot be written, a full disk: the user's matter, not a crash
        _refused(f"无法读写 {error.filename or ''}：{error.strerror or error}")
    except DatabaseError as error:
        _refused(f"数据库无法使用：{str(error).strip().splitlines()[0]}")
    except REFUSALS as error:
        _refused(f"{error}{_option_to_mend(error)}")
    except Exception:  # Python's own exit code of a crash is 1, which here means "done with leftovers"
        traceback.print_exc()
        sys.exit(CRASHED)


def _option_to_mend(error: Exception) -> str:
    """How the option is written here that a strategy's refusal speaks of; flows pass that refusal on as their cause."""
    refusal = error if isinstance(error, StrategyError) else error.__cause__
    return f"（-o {refusal.option}=）" if isinstance(refusal, StrategyError) and refusal.option else ""


def _refused(message: str) -> NoReturn:
    with contextlib.suppress(typer.Exit):
        refuse(message)
    sys.exit(REFUSED)
