"""Which papers a preservation service needs, and which are still lacking (S4-35).

In: the rulebook's lists ([papers]), a service, the papers received. Out: what to bring, what is lacking. Never: cash
among the papers (L-02), a submission of an incomplete set (`core.machines.PAPERS` asks for all of them), an unknown
service taken for one that needs nothing.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import S, Schema, conform

PAPERS = {
    "holder_id": "投保人身份证",
    "insured_id": "被保险人身份证",
    "beneficiary_id": "现生存受益人身份证",
    "mandate": "客户委托书",
    "policy": "保险单",
    "change_form": "变更单",
    "account_form": "转账授权书",
    "bank_card": "本人银行卡复印件",
    "revival_form": "复效申请书",
    "health_notice": "健康告知书",
    "claim_form": "理赔申请书",
    "claim_proof": "事故或医疗证明",
    "benefit_form": "领取申请书",
    "reissue_form": "补发申请书",
    "relation_proof": "关系证明",
    "name_proof": "户籍机关证明",
    "pen": "书写工具",
}
TOOLS = frozenset({"pen"})  # brought along, never handed in
LACKING: Schema = {"case": S, "service": S, "paper": S}


class PapersError(ValueError):
    """No such service; the message (Chinese) names it."""


def services(rulebook: Rulebook) -> dict[str, str]:
    """Every service that has a list: code → title, in the order of the rulebook."""
    lists = (
        parameter for key, parameter in rulebook.parameters.items() if key.rpartition(".")[0] == "papers"
    )
    return {parameter.key.rpartition(".")[2]: parameter.title for parameter in lists}


def to_bring(service: str, rulebook: Rulebook) -> tuple[str, ...]:
    """The codes of everything on the list of a service, tools included; PapersError for an unknown one."""
    if service not in services(rulebook):
        raise PapersError(f"没有“{service}”这项保全服务的资料清单")
    return tuple(rulebook[f"papers.{service}"])


def missing(service: str, have: Collection[str], rulebook: Rulebook) -> tuple[str, ...]:
    """The codes of the papers still to come, in the order of the list; none = may be submitted."""
    return tuple(paper for paper in to_bring(service, rulebook) if paper not in TOOLS and paper not in have)


def lacking(cases: pl.DataFrame, have: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """LACKING of many cases at once. `cases`: case, service; `have`: case, paper."""
    wanted = pl.DataFrame(
        [
            (service, paper)
            for service in cases["service"].unique().sort().to_list()
            for paper in missing(service, (), rulebook)
        ],
        schema={"service": S, "paper": S},
        orient="row",
    )
    asked = cases.select("case", "service").join(
        wanted, on="service", how="inner", maintain_order="left_right"
    )
    return conform(
        asked.join(have.select("case", "paper"), on=["case", "paper"], how="anti", maintain_order="left"),
        LACKING,
    )
