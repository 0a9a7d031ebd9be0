"""Explanations (N-03): the stored candidates give the same person again, for every policy."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from territory_books import AS_OF, book_of, make_book, standard_rules
from tuogu.core.explain import ExplanationError, UnknownPolicyError, derive_all, explain
from tuogu.core.plan import make_plan


@pytest.mark.req("N-03")
@pytest.mark.parametrize("coordinates", [True, False])
def test_every_policy_of_a_random_book_is_derived_again(coordinates: bool) -> None:
    book = make_book(communities=40, managers=6, policies=1_800, seed=3, coordinates=coordinates)
    plan = make_plan(book, standard_rules(), AS_OF, 1, 200_000)
    derived = derive_all(plan.candidates)
    by_policy = derived.filter(pl.col("policy_number").is_not_null()).select(
        "policy_number", own="staff_number"
    )
    by_unit = derived.filter(pl.col("policy_number").is_null()).select("unit_code", of_unit="staff_number")
    every = plan.assignments.join(by_policy, on="policy_number", how="left").join(
        by_unit, on="unit_code", how="left"
    )
    again = every.select(pl.coalesce("own", "of_unit")).to_series()
    assert again.null_count() == 0
    assert again.to_list() == every["staff_number"].to_list()
    for number in plan.assignments["policy_number"].gather_every(97):
        said = explain(plan, book, standard_rules(), number)
        assert (
            said.staff_number == plan.assignments.filter(pl.col("policy_number") == number)["staff_number"][0]
        )
        assert said.rulebook_version == "2026.1"


@pytest.mark.req("N-03")
def test_a_cheaper_candidate_is_rejected_by_name_and_figure() -> None:
    # Both managers live in the first community; its 600 policies fill one of them and half of the other.
    policies = [(0, month, 1) for month in range(1, 13) for _ in range(50)]
    book = book_of([(0.0, 0.0), (900.0, 0.0)], [0, 1], policies)
    plan = make_plan(book, standard_rules(), AS_OF, 1, 50_000)
    assert plan.certificate.violations == 0
    far = plan.assignments.filter(pl.col("staff_number") == "M02")["policy_number"][0]
    said = explain(plan, book, standard_rules(), far)
    nearer = said.candidates[0]
    assert said.staff_number == "M02"
    assert (nearer.rank, nearer.staff_number) == (1, "M01")
    assert nearer.verdict in ("cap", "month_band", "floor", "balance")
    assert "每件比选定者近900米" in nearer.detail
    assert [c.staff_number for c in said.rejected] == ["M01"]
    assert ("社区", "区1街道1社区1") in said.inputs


@pytest.mark.req("N-03", "S0-22")
def test_a_policy_handed_over_has_candidates_of_its_own() -> None:
    book = make_book()
    plan = make_plan(book, standard_rules(), AS_OF, 1, 1_000_000)
    handed = plan.assignments.filter(pl.col("lever") == "adjacent")
    assert plan.certificate.moved_adjacent == len(handed) > 0
    for number, code in handed.select("policy_number", "unit_code").head(20).iter_rows():
        said = explain(plan, book, standard_rules(), number)
        assert said.unit_code == code
        assert said.rule.startswith("逐月调整")
        nearer = [
            c
            for c in said.candidates
            if c.rank < next(o.rank for o in said.candidates if o.verdict == "chosen")
        ]
        assert all(c.verdict not in ("chosen", "dearer") for c in nearer)


@pytest.mark.req("N-03")
def test_what_is_left_aside_is_explained_and_the_unknown_is_an_error() -> None:
    book = book_of([(0.0, 0.0)], [0], [(0, m, 1) for m in range(1, 13)] + [(None, 4, 1)])
    plan = make_plan(book, standard_rules(), AS_OF, 1, 1_000)
    said = explain(plan, book, standard_rules(), "P00013")
    assert (said.staff_number, said.custodian, said.candidates) == (None, "buffer", ())
    assert "待人工编码" in said.rule
    with pytest.raises(UnknownPolicyError, match="P77777"):
        explain(plan, book, standard_rules(), "P77777")


@pytest.mark.req("N-03")
def test_a_forged_assignment_cannot_be_explained() -> None:
    policies = [(place, month, 1) for place in range(2) for month in range(1, 13) for _ in range(25)]
    book = book_of([(0.0, 0.0), (9_000.0, 0.0)], [0, 1], policies)
    plan = make_plan(book, standard_rules(), AS_OF, 1, 10_000)
    forged = replace(plan, assignments=plan.assignments.with_columns(staff_number=pl.lit("M02")))
    number = plan.assignments.filter(pl.col("staff_number") == "M01")["policy_number"][0]
    with pytest.raises(ExplanationError, match=number):
        explain(forged, book, standard_rules(), number)
