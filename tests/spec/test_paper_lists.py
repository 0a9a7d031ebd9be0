"""Papers of a preservation service: the list of the source, what is lacking, and when it may be handed in."""

from __future__ import annotations

import polars as pl
import pytest

from territory_books import standard_rules
from tuogu.core.machines import MACHINES
from tuogu.core.paper_lists import PAPERS, TOOLS, PapersError, lacking, missing, services, to_bring
from tuogu.core.steps import StepError

RULES = standard_rules()

# 来源 L30-33：变更身故受益人的工具
DEATH_BENEFICIARY = "投保人身份证 被保险人身份证 客户委托书 保险单 变更单 书写工具"

# 已收到 → 还缺
RECEIVED = """
已收到                                           | 还缺
-                                                | holder_id insured_id mandate policy change_form
holder_id                                        | insured_id mandate policy change_form
holder_id insured_id policy change_form          | mandate
holder_id insured_id mandate policy change_form  | -
pen holder_id insured_id policy change_form      | mandate
beneficiary_id claim_form                        | holder_id insured_id mandate policy change_form
"""


def table(text: str) -> list[list[str]]:
    """The cells of a text table without its heading."""
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()[1:]]


def codes(cell: str) -> list[str]:
    return [] if cell == "-" else cell.split()


@pytest.mark.req("S4-35")
def test_the_list_of_the_source_stands_as_printed() -> None:
    assert [PAPERS[code] for code in to_bring("death_beneficiary", RULES)] == DEATH_BENEFICIARY.split()
    assert services(RULES)["death_beneficiary"] == "变更身故受益人"


@pytest.mark.req("S4-35")
@pytest.mark.parametrize(("have", "wanting"), table(RECEIVED))
def test_nothing_is_submitted_before_the_last_paper_has_come(have: str, wanting: str) -> None:
    left = missing("death_beneficiary", codes(have), RULES)
    assert list(left) == codes(wanting)
    given = set() if left else {"all_papers"}
    papers = MACHINES["papers"]
    if left:
        with pytest.raises(StepError, match="还缺：清单所列的全部资料"):
            papers.after("collecting", "complete", given)
        with pytest.raises(StepError, match="不能“提交柜面”"):
            papers.after("collecting", "submit", {"all_papers", "receipt"})
    else:
        assert papers.after("collecting", "complete", given) == "complete"


@pytest.mark.req("S4-35")
def test_an_unknown_service_is_not_one_that_needs_nothing() -> None:
    with pytest.raises(PapersError, match="fly"):
        missing("fly", (), RULES)


@pytest.mark.req("S4-35", "L-02")
@pytest.mark.parametrize("service", services(RULES))
def test_every_list_names_known_papers_and_no_cash(service: str) -> None:
    papers = to_bring(service, RULES)
    assert set(papers) <= set(PAPERS)
    assert set(papers) - TOOLS
    assert not any("现金" in PAPERS[code] for code in papers)


@pytest.mark.req("S4-35")
def test_many_cases_are_judged_at_once_as_one_by_one() -> None:
    cases = [("C1", "death_beneficiary"), ("C2", "reissue"), ("C3", "claim")]
    have = [
        ("C1", "policy"),
        ("C2", "mandate"),
        ("C2", "holder_id"),
        ("C2", "reissue_form"),
        ("C9", "policy"),
    ]
    found = lacking(
        pl.DataFrame(cases, schema=["case", "service"], orient="row"),
        pl.DataFrame(have, schema=["case", "paper"], orient="row"),
        RULES,
    )
    for case, service in cases:
        received = [paper for of, paper in have if of == case]
        assert tuple(found.filter(pl.col("case") == case)["paper"]) == missing(service, received, RULES)
    assert "C2" not in found["case"].to_list()
