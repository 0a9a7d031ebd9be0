"""`tuogu chance train | show | score`: chances as advice (P-07): learned on request, shown with how they held, explained.

In: a database, a token, a target, a customer's number. Out: tables or JSON. Never: a decision; a customer out of scope.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from tuogu.cli.console import print_facts, print_json, print_table, refuse
from tuogu.cli.database import DbOption, TokenOption, open_database, scope_of, signer
from tuogu.clock import business_today, now
from tuogu.org.rights import Right

app = typer.Typer(
    no_args_is_help=True, help="机会预测（仅供参考）：学习、查看、推算 / chances, as advice only"
)
JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")]


@app.command()
def train(
    db: DbOption,
    target: Annotated[str, typer.Argument(help="renewal 车险续保 | repurchase 二次投保")],
    token: TokenOption = "",
    json: JsonOption = False,
) -> None:
    """从已有结果的历史学习一个模型并存下 / learn a model from what is settled, and keep it."""
    open_database(db)
    from tuogu.reports import actions

    head = actions.train_chances(target, by=signer(token, Right.KEEP_REPORTS), at=now())
    if json:
        print_json(asdict(head))
        return
    _print_head(head)


@app.command()
def show(
    db: DbOption,
    model: Annotated[int, typer.Argument(help="模型号；缺省列出全部 / number of a model")] = 0,
    token: TokenOption = "",
    json: JsonOption = False,
) -> None:
    """列出模型；给出模型号则连同全部计数，足以手工复算 / the models, or one with every count."""
    open_database(db)
    from tuogu.reports import queries

    scope = scope_of(signer(token, Right.READ_REPORTS))
    if not model:
        heads = queries.chance_models()
        if json:
            print_json({"models": [asdict(one) for one in heads]})
            return
        rows = [(one.id, one.title, one.trained_on, *_scores(one), _verdict(one)) for one in heads]
        print_table(
            "机会预测的模型", ("模型", "对象", "截至", "检验条数", "均方误差", "一律按平均", "结论"), rows
        )
        return
    found = queries.chance_model(model)
    if found is None:
        refuse(f"没有模型 {model}")
    head, learned = found
    seen = queries.counts_seen(scope, learned)
    if json:
        print_json(asdict(head) | {"model": _plain(learned, seen)})
        return
    _print_head(head)
    lines = [
        (one.feature.title, b.name, b.yes, b.no, f"{adds:+.4f}") for one, bins in seen for b, adds in bins
    ]
    print_table(f"学到了什么（起始 {learned.prior:+.4f}）", ("因素", "档", "发生", "未发生", "对数"), lines)


@app.command()
def score(
    db: DbOption,
    customer: Annotated[str, typer.Argument(help="客户号 / number of a customer")],
    token: TokenOption = "",
    json: JsonOption = False,
) -> None:
    """一位客户的机会和理由：在办的续保和二次投保 / the chances of a customer, with every reason."""
    open_database(db)
    from tuogu.books import queries as books
    from tuogu.renewals import queries as renewals
    from tuogu.reports import queries

    scope, today = scope_of(signer(token, Right.READ_RECORD)), business_today()
    cases = {
        one.subject: one.number for one in renewals.motor_of_customer(scope, customer) if not one.outcome
    }
    if not cases and not books.visible_customer(scope, customer):
        refuse(f"范围以内没有客户 {customer}")
    told: list[tuple[str, Any]] = [
        (cases[subject], one) for subject, one in queries.renewal_advice(cases, today).items()
    ]
    told += [(customer, one) for one in queries.repurchase_advice([customer], today).values()]
    if json:
        print_json(
            {"advice": [{"number": number, "only": "仅供参考", **asdict(one)} for number, one in told]}
        )
        return
    if not told:
        print_facts("没有可参考的机会", {"原因": "没有胜过平均的模型，或这位客户没有在办的续保和下发"})
    for number, one in told:
        rows = [("起始", "", f"{one.prior:+.4f}"), *((r.title, r.bin, f"{r.adds:+.4f}") for r in one.reasons)]
        head = f"{number}：{one.chance:.1%}（平均 {one.share:.1%}），仅供参考"
        print_table(head, ("因素", "档", "对数"), [*rows, ("合计", "", f"{one.log_odds:+.4f}")])


def _plain(model: Any, seen: Any) -> dict[str, Any]:
    """The plain data; of institutions out of scope nothing."""
    shown = {one.feature.key: {b.name for b, _adds in bins} for one, bins in seen}
    told: dict[str, Any] = model.plain()
    for feature in told["features"]:
        feature["bins"] = [b for b in feature["bins"] if b["name"] in shown[feature["key"]]]
    return told


def _print_head(head: Any) -> None:
    rows, brier, base = _scores(head)
    print_facts(
        f"模型 {head.id}：{head.title}（仅供参考）",
        {
            "学习条数": head.figures["learned"]["rows"], "检验条数": rows, "均方误差": brier, "一律按平均": base,
            "校准误差": f"{head.figures['calibration_error']:.2%}", "结论": _verdict(head), "摘要": head.digest,
        },
    )  # fmt: skip


def _scores(head: Any) -> tuple[int, str, str]:
    told = head.figures
    return told["rows"], f"{told['brier']:.4f}", f"{told['brier_base']:.4f}"


def _verdict(head: Any) -> str:
    return "胜过平均" if head.better else "不胜过平均，不展示"
