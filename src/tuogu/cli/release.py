"""What happens to a stored plan: plans, check, explain, approve, reject, release, cancel, reschedule, undo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer

from tuogu.cli.console import (
    DONE,
    DONE_WITH_LEFTOVERS,
    REFUSED,
    print_facts,
    print_json,
    print_table,
    refuse,
    say,
)
from tuogu.cli.database import (
    DbOption,
    TokenOption,
    custodian_labels,
    open_database,
    require_plan,
    require_release,
    scope_of,
    signer,
)  # fmt: skip
from tuogu.cli.run import JsonOption
from tuogu.clock import business_today, now
from tuogu.core.check_words import rule_word
from tuogu.core.explain import Explanation
from tuogu.core.explain import explain as explain_policy
from tuogu.core.labels import HOLDERS, SUBJECTS, VERDICTS
from tuogu.core.strategies import STRATEGIES
from tuogu.org.rights import Right

_VIOLATION_HEADINGS = ("规则", "条款", "对象", "实际", "限度", "说明")  # VIOLATIONS, in its order
_UNDECIDED = (
    "awaiting",
    "rejected",
)  # nothing of these is due: to ask would be refused when others are posted
PlanArgument = Annotated[int, typer.Argument(help="方案号 / plan id")]
ScheduledArgument = Annotated[int, typer.Argument(help="期次号，见 tuogu plans / scheduled release id")]


def plans(db: DbOption, json: JsonOption = False) -> None:
    """列出方案与发放安排 / list plans and their scheduled releases."""
    open_database(db)
    from tuogu.org import queries as org
    from tuogu.plans import queries

    stored, scheduled = queries.plan_rows(), queries.scheduled_rows()
    if json:
        print_json({"plans": stored, "scheduled": scheduled})
        return
    names = org.labels({i for p in stored for i in (p["made_by"], p["decided_by"]) if i})
    print_table(
        "方案",
        ("方案", "分配方式", "状态", "基准日", "制表", "审批", "超限", "差距"),
        [
            (p["id"], STRATEGIES[p["strategy"]].label, p["state_label"], p["as_of"], names[p["made_by"]],
             names.get(p["decided_by"]), p["violations"],
             f"{float(p['certificate']['gap']):.2%}")
            for p in stored
        ],
    )  # fmt: skip
    print_table(
        "发放安排",
        ("期次号", "方案", "第几期", "发放日", "状态", "批次", "结果"),
        [
            (
                r["id"],
                r["plan"],
                r["instalment"],
                r["due_date"],
                r["state_label"],
                r["batch"],
                _outcome(r["outcome"]),
            )
            for r in scheduled
        ],
    )


def _outcome(outcome: dict[str, Any]) -> str:
    words = {"posted": "下发", "stale": "过期", "unchanged": "未变", "held": "暂缓", "undone": "撤销",
             "conflicts": "冲突"}  # fmt: skip
    return " ".join(f"{words[k]} {v:,}" for k, v in outcome.items() if k in words)


def approve(
    plan: PlanArgument,
    db: DbOption,
    token: TokenOption,
    first_release: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="首次发放日，默认今天 / first release day")
    ] = None,
    note: Annotated[str, typer.Option(help="审批意见 / note")] = "",
    overlap: Annotated[
        str, typer.Option(help="与其他方案重叠时仍批准的理由 / why beside overlapping plans")
    ] = "",
) -> None:
    """由制表人以外的第二人审批 / approve a plan as its second person."""
    open_database(db)
    from tuogu.plans import actions

    day, by = first_release.date() if first_release else business_today(), signer(token, Right.APPROVE)
    require_plan(plan, by)
    days = actions.approve(plan, by=by, at=now(), first_release_date=day, note=note, overlap_reason=overlap)
    print_table(f"方案 {plan} 已批准", ("第几期", "发放日"), list(enumerate(days, start=1)))


def reject(
    plan: PlanArgument,
    db: DbOption,
    token: TokenOption,
    note: Annotated[str, typer.Option(help="退回理由 / why")],
) -> None:
    """退回方案 / send a plan back."""
    open_database(db)
    from tuogu.plans import actions

    by = signer(token, Right.APPROVE)
    require_plan(plan, by)
    actions.reject(plan, by=by, at=now(), note=note)
    say(f"方案 {plan} 已退回；台账未作任何改动")


def release(
    db: DbOption,
    token: TokenOption,
    plan: Annotated[int | None, typer.Option(help="只下发这个方案 / only this plan")] = None,
    override: Annotated[str, typer.Option(help="拜访产能不足时放行的理由 / why capacity is overridden")] = "",
    json: JsonOption = False,
) -> None:
    """下发今天到期的期次 / post every instalment that is due today."""
    open_database(db)
    from tuogu.ledger.actions import require_guards
    from tuogu.plans import actions, queries

    if plan is not None and not queries.plan_rows(plan):
        refuse(f"没有方案 {plan}")
    require_guards()
    by = signer(token, Right.RELEASE)
    outcomes = [
        outcome
        for one in _to_release(plan, by)
        for outcome in actions.release_due(by=by, at=now(), plan_id=one, override_reason=override)
    ]
    rows = [actions.describe(outcome) for outcome in outcomes]
    if json:
        print_json(rows)
    else:
        describe_releases(outcomes)
    raise typer.Exit(_code(rows))


def _to_release(plan: int | None, by: int) -> Sequence[int | None]:
    """The plans whose due instalments the signer posts: the one named, else all (None), else the decided within scope."""
    from tuogu.plans import queries

    if plan is not None:
        require_plan(plan, by)
        return [plan]
    scope = scope_of(by)
    if scope.all_rows:
        return [None]
    return [head.id for head in reversed(queries.plan_heads(scope)) if head.state not in _UNDECIDED]


def describe_releases(outcomes: Sequence[Any]) -> None:
    """Print what `release_due` returned."""
    from tuogu.plans import actions

    rows = [actions.describe(outcome) for outcome in outcomes]
    if not rows:
        say("今天没有到期的期次；台账未作任何改动")
        return
    print_table(
        "下发结果",
        ("方案", "第几期", "批次", "下发", "未变", "过期未发", "封存号", "未下发原因"),
        [
            (r["plan"], r["instalment"], r.get("batch"), r.get("posted"), r.get("unchanged"), r.get("stale"),
             r.get("seal"), r.get("refused"))
            for r in rows
        ],
    )  # fmt: skip


def _code(rows: list[dict[str, Any]]) -> int:
    if any("refused" in r for r in rows):
        return REFUSED
    return DONE_WITH_LEFTOVERS if any(r["stale"] for r in rows) else DONE


def cancel(
    scheduled: ScheduledArgument,
    db: DbOption,
    token: TokenOption,
    reason: Annotated[str, typer.Option(help="理由 / why")],
) -> None:
    """取消尚未到期的期次 / cancel a scheduled release before its day."""
    open_database(db)
    from tuogu.plans import actions

    by = signer(token, Right.UNDO)
    require_release(scheduled, by)
    actions.cancel(scheduled, by=by, at=now(), reason=reason)
    say(f"期次 {scheduled} 已取消；台账未作任何改动")


def reschedule(
    scheduled: ScheduledArgument,
    db: DbOption,
    token: TokenOption,
    day: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="新的发放日 / new day")],
) -> None:
    """重新安排已取消或已撤销的期次 / schedule a cancelled or undone release again."""
    open_database(db)
    from tuogu.plans import actions

    by = signer(token, Right.UNDO)
    require_release(scheduled, by)
    new = actions.schedule_again(scheduled, due_date=day.date(), by=by, at=now())
    say(f"已安排为期次 {new},{day.date()} 发放")


def undo(
    scheduled: ScheduledArgument,
    db: DbOption,
    token: TokenOption,
    approver_token: Annotated[
        str, typer.Option(envvar="TUOGU_APPROVER_TOKEN", help="复核人令牌 / second person's token")
    ],
    json: JsonOption = False,
) -> None:
    """撤销已下发的期次,列出此后已变动的件 / undo a posted release and list what has changed since."""
    open_database(db)
    from tuogu.plans import actions, queries

    asks, confirms = signer(token, Right.UNDO), signer(approver_token, Right.UNDO)
    for person in (asks, confirms):
        require_release(scheduled, person)
    result = actions.undo_release(scheduled, by=asks, approved_by=confirms, at=now())
    # A second call posts nothing and finds nothing; what the first came to is what people ask about.
    stored = queries.undo_outcome(scheduled)
    facts = {
        "batch": result.batch_id, "posted": result.posted,
        "conflicts": stored.get("conflicts", result.conflicts.height),
        "redirected": stored.get("redirected", result.redirected.height), "already": result.already,
    }  # fmt: skip
    if json:
        print_json(
            facts
            | {"conflict_rows": result.conflicts.to_dicts(), "redirected_rows": result.redirected.to_dicts()}
        )
    else:
        words = ("撤销批次", "已撤回", "此后已变动（未动）", "原责任人已离司（转保全组）", "此前已撤销")
        print_facts(f"撤销期次 {scheduled}", dict(zip(words, facts.values(), strict=True)))
    raise typer.Exit(DONE_WITH_LEFTOVERS if facts["conflicts"] else DONE)


def explain(
    policy: Annotated[str, typer.Argument(help="保单号 / policy number")],
    db: DbOption,
    plan: Annotated[
        int | None, typer.Option(help="方案号，默认下发它的、在用的、最新的提到它的方案 / plan id")
    ] = None,
    json: JsonOption = False,
) -> None:
    """这张保单、这位客户为什么归这个人 / why this person got this policy or customer."""
    open_database(db)
    from tuogu.plans import queries

    if plan is None:
        speaking = queries.plan_that_speaks(policy)
        if speaking is None:
            refuse(f"没有方案提到 {policy}")
        plan, why_this = speaking
    else:
        why_this = ""
    stored, book = queries.load_plan(plan)
    found = explain_policy(stored, book, queries.rulebook_by_plan(plan), policy)
    if json:
        print_json(asdict(found) | {"plan": plan, "strategy": stored.strategy})
    else:
        label = STRATEGIES[stored.strategy].label
        _print_explanation(found, stored.strategy, f"{plan}（{label}{'，' if why_this else ''}{why_this}）")


def _print_explanation(found: Explanation, strategy: str, plan: str) -> None:
    chosen, labels = STRATEGIES[strategy], custodian_labels()
    facts = {
        "方案": plan,
        HOLDERS[chosen.relation]: labels.get(found.custodian, found.custodian),
        "单位": found.unit_code,
        "规则": found.rule,
        **dict(found.inputs),
        "制度版本": found.rulebook_version,
    }
    print_facts(f"{SUBJECTS[chosen.subject]} {found.policy_number}", facts)
    if found.candidates:
        print_table(
            "候选人（按加权距离）",
            ("名次", "工号", "增加的距离（米）", "结论", "说明"),
            [
                (
                    c.rank,
                    labels.get(c.staff_number, c.staff_number),
                    c.cost_m,
                    VERDICTS.get(c.verdict, c.verdict),
                    c.detail,
                )
                for c in found.candidates
            ],
        )


def check(plan: PlanArgument, db: DbOption, json: JsonOption = False) -> None:
    """独立检查一个方案 / check a stored plan with the independent checker."""
    open_database(db)
    from tuogu.core.check import check_plan
    from tuogu.plans import queries

    stored, book = queries.load_plan(plan)
    violations = check_plan(stored, book, queries.rulebook_by_plan(plan))
    if json:
        print_json(violations.to_dicts())
    elif violations.is_empty():
        say(f"方案 {plan}：0 项超限")
    else:
        named = [(rule_word(str(rule)), *rest) for rule, *rest in violations.iter_rows()]
        print_table(f"方案 {plan}：{violations.height} 项超限", _VIOLATION_HEADINGS, named)
    raise typer.Exit(DONE_WITH_LEFTOVERS if violations.height else DONE)
