"""Which policies are orphans, of which type, source, nature and service class, and where each one goes.

In: accepted books, located customers, a rulebook, the as-of date. Out: CLASSIFIED, one row a main policy,
each answer with its reason in Chinese. Never: two classes for one policy, a rider with a class of its own, a
problem case routed to a salesperson, personal data in a reason (staff numbers are not).

An answer is derived from facts alone; what a clerk has registered as source is taken as said, and a
contradiction is named in the reason instead of being settled silently.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.core.basis import policy_communities
from tuogu.core.dues import due_months
from tuogu.core.labels import ORPHAN_SOURCES, POLICY_STATES
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import CLASSIFIED, LIVE_STATES, MONTH_COLUMNS, Books, conform

QUESTIONS = {
    "info_accurate": "客户信息是否准确",
    "complaint": "是否发生投诉",
    "misconduct": "销售人员是否违规",
}
_live = pl.col("state").is_in(LIVE_STATES).fill_null(False)


def classify(books: Books, located: pl.DataFrame, rulebook: Rulebook, as_of: date) -> pl.DataFrame:
    """CLASSIFIED for every main policy of `books`, sorted by policy number.

    `located` is LOCATED by customer number. An agent is in post until the day before `left_date`. Ended
    policies are classified as well (campaigns count them) and their route is 'closed'.
    """
    frame = _facts(books, located, rulebook, as_of)
    frame = _with_source(frame, rulebook["orphan.long_lapsed_months"], as_of)
    frame = _with_type(frame, rulebook["orphan.type_order"])
    frame = frame.with_columns(nature=_nature(), nature_reason=_nature_reason())
    attempts = rulebook["orphan.difficult_attempts"]
    frame = frame.with_columns(service_class=_service_class(attempts))
    frame = frame.with_columns(service_class_reason=_service_class_reason(attempts))
    return conform(frame.with_columns(route=_route()).sort("policy_number"), CLASSIFIED)


def unanswered(books: Books, classified: pl.DataFrame) -> pl.DataFrame:
    """policy_number, customer_number, missing: orphans whose intake questions (S4-05) lack an answer.

    `missing` names the questions in Chinese, joined by '、'. Ended policies are not asked about.
    """
    orphans = classified.filter(pl.col("orphan") & (pl.col("route") != "closed")).select("policy_number")
    frame = (
        books.policies.filter(pl.col("kind") == "main")
        .join(orphans, on="policy_number", how="semi")
        .select("policy_number", customer_number="holder_number")
        .join(books.customers.select("customer_number", *QUESTIONS), on="customer_number", how="left")
    )
    frame = frame.with_columns(missing=_open_questions())
    return (
        frame.filter(pl.col("missing") != "")
        .select("policy_number", "customer_number", "missing")
        .sort("policy_number")
    )


def in_post(people: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The rows of PEOPLE that are in post on `as_of`: a person who leaves on a day is gone on that day."""
    return people.filter(pl.col("left_date").is_null() | (pl.col("left_date") > as_of))


# --- facts ----------------------------------------------------------------------------------------


def _facts(books: Books, located: pl.DataFrame, rulebook: Rulebook, as_of: date) -> pl.DataFrame:
    """Main policies with their agent's fate, the holder's answers, the riders, the address and the dues."""
    policies = books.policies
    mains = policies.filter(pl.col("kind") == "main")
    agents = books.people.select(
        agent_number="staff_number",
        agent_known=pl.lit(True),
        agent_left_date=pl.when(pl.col("left_date") <= as_of).then("left_date"),
    )
    riders = (
        policies.filter((pl.col("kind") == "rider") & _live)
        .group_by(policy_number="main_policy_number")
        .agg(riders=pl.len().cast(pl.Int64))
    )
    holders = books.customers.select(
        "customer_number", *QUESTIONS, "contactable", pl.col("contact_attempts").fill_null(0)
    )
    places = policy_communities(mains, located, rulebook["territory.address_basis"])
    coded = places.select("policy_number", coded=pl.col("community_code").is_not_null())
    dues = due_months(mains, as_of).select("policy_number", due=pl.sum_horizontal(MONTH_COLUMNS) > 0)
    return (
        mains.join(agents, on="agent_number", how="left", validate="m:1")
        .join(riders, on="policy_number", how="left", validate="1:1")
        .join(holders, left_on="holder_number", right_on="customer_number", how="left", validate="m:1")
        .join(coded, on="policy_number", how="left", validate="1:1")
        .join(dues, on="policy_number", how="left", validate="1:1")
        .with_columns(
            pl.col("agent_known").fill_null(False), pl.col("riders", "contact_attempts").fill_null(0)
        )
    )


# --- orphan and its source (S4-02) ----------------------------------------------------------------


def _with_source(frame: pl.DataFrame, months: int, as_of: date) -> pl.DataFrame:
    """Add orphan, orphan_source and its reason: as registered, else leaver, unknown agent, long lapse."""
    day = pl.lit(as_of)
    long_lapsed = (pl.col("state") == "lapsed") & (pl.col("lapse_date").dt.offset_by(f"{months}mo") <= day)
    unreachable = pl.col("contactable").not_().fill_null(False)
    given, left = pl.col("source").is_not_null(), pl.col("agent_left_date").is_not_null()
    source = (
        pl.when(given)
        .then(pl.col("source"))
        .when(left & unreachable)
        .then(pl.lit("unreachable"))
        .when(left)
        .then(pl.lit("leaver"))
        .when(~pl.col("agent_known"))
        .then(pl.lit("other"))
        .when(long_lapsed)
        .then(pl.lit("long_lapsed"))
    )
    frame = frame.with_columns(long_lapsed=long_lapsed.fill_null(False)).with_columns(orphan_source=source)
    return frame.with_columns(
        orphan=pl.col("orphan_source").is_not_null(), orphan_source_reason=_source_reason(months)
    )


def _source_reason(months: int) -> pl.Expr:
    left_on = pl.col("agent_left_date").dt.to_string("%Y-%m-%d")
    lapsed_on = pl.col("lapse_date").dt.to_string("%Y-%m-%d")
    label = pl.col("source").replace_strict(ORPHAN_SOURCES, default=pl.col("source"))
    contradicted = (pl.col("source") == "long_lapsed") & ~pl.col("long_lapsed")
    return (
        pl.when(contradicted)
        .then(pl.format(f"登记来源为{{}}，但失效未满{months}个月或无失效日期，请核对", label))
        .when(pl.col("source").is_not_null())
        .then(pl.format("登记来源为{}", label))
        .when(pl.col("orphan_source") == "unreachable")
        .then(pl.format("业务员{}已于{}离司，客户联系不上", "agent_number", left_on))
        .when(pl.col("orphan_source") == "leaver")
        .then(pl.format("业务员{}已于{}离司", "agent_number", left_on))
        .when(pl.col("agent_number").is_null())
        .then(pl.lit("保单没有业务员工号"))
        .when(pl.col("orphan_source") == "other")
        .then(pl.format("业务员{}不在人员名册中", "agent_number"))
        .when(pl.col("orphan_source") == "long_lapsed")
        .then(pl.format(f"业务员{{}}在职，自{{}}失效已满{months}个月", "agent_number", lapsed_on))
        .otherwise(pl.format("业务员{}在职", "agent_number"))
    )


# --- type (S4-01, A-51) ---------------------------------------------------------------------------


def _with_type(frame: pl.DataFrame, order: list[str]) -> pl.DataFrame:
    """Add orphan_type: both facts are computed and stored; the rulebook's order decides.

    Served mains are the holder's live main policies that are no orphans, that is, with an agent in post.
    """
    served = pl.col("policy_number").filter(_live & ~pl.col("orphan")).len().over("holder_number")
    frame = frame.with_columns(
        served=pl.when(pl.col("holder_number").is_null()).then(0).otherwise(served).cast(pl.Int64),
        combined=pl.col("components").fill_null("single") != "single",
    )
    frame = frame.with_columns(
        combination=pl.col("combined") | (pl.col("riders") > 0), non_pure=pl.col("served") > 0
    )
    facts = {"combination": pl.col("combination"), "non_pure": pl.col("non_pure"), "pure": pl.lit(True)}
    chosen = pl.coalesce(*[pl.when(facts[name]).then(pl.lit(name)) for name in order])
    return frame.with_columns(
        orphan_type=pl.when("orphan").then(chosen), orphan_type_reason=pl.when("orphan").then(_type_reason())
    )


def _type_reason() -> pl.Expr:
    contract = (
        pl.when(pl.col("components") == "main_main")
        .then(pl.lit("合同为主险与主险组合"))
        .when(pl.col("combined") & (pl.col("components") == "main_rider_short"))
        .then(pl.lit("合同为主险与短期附加险组合"))
        .when(pl.col("combined"))
        .then(pl.lit("合同为主险与长期附加险组合"))
        .when(pl.col("riders") > 0)
        .then(pl.format("主险名下有附加险{}件", "riders"))
        .otherwise(pl.lit("合同只有一个主险"))
    )
    holder = (
        pl.when(pl.col("served") > 0)
        .then(pl.format("投保人另有{}件主险由在职人员服务", "served"))
        .otherwise(pl.lit("投保人没有由在职人员服务的主险"))
    )
    return pl.format("{}；{}", contract, holder)


# --- nature (S4-03, S4-05, A-29) and service class (S4-04) ----------------------------------------

_misconduct = pl.col("misconduct").fill_null(False)
_complaint = pl.col("complaint").fill_null(False)
_unreachable = pl.col("contactable").not_().fill_null(False)


def _nature() -> pl.Expr:
    return (
        pl.when(_misconduct)
        .then(pl.lit("problem"))
        .when(_unreachable | _complaint)
        .then(pl.lit("hard"))
        .otherwise(pl.lit("normal"))
    )


def _nature_reason() -> pl.Expr:
    said = (
        pl.when(_misconduct)
        .then(pl.lit("销售人员有违规行为，转调查"))
        .when(_unreachable & _complaint)
        .then(pl.lit("联系方式不详或变更，且有未了结投诉，由保单服务专员跟进"))
        .when(_unreachable)
        .then(pl.lit("联系方式不详或变更，由保单服务专员跟进"))
        .when(_complaint)
        .then(pl.lit("有未了结投诉，由保单服务专员跟进"))
        .when(pl.col("contactable").is_null())
        .then(pl.lit("未登记能否联系，暂按正常件"))
        .otherwise(pl.lit("能联系到客户，无投诉、无违规"))
    )
    inaccurate = pl.when(pl.col("info_accurate").not_()).then(pl.lit("；客户信息不准确，须回访补正"))
    gap = pl.when(_open_questions() != "").then(pl.format("；来源识别未答：{}", _open_questions()))
    return pl.concat_str(said, inaccurate, gap, ignore_nulls=True)


def _open_questions() -> pl.Expr:
    """The intake questions without an answer, in Chinese, joined by '、'; '' when all three are answered."""
    return pl.concat_str(
        *[pl.when(pl.col(column).is_null()).then(pl.lit(label)) for column, label in QUESTIONS.items()],
        separator="、",
        ignore_nulls=True,
    )


def _service_class(attempts: int) -> pl.Expr:
    return (
        pl.when(_unreachable & (pl.col("contact_attempts") >= attempts))
        .then(pl.lit("difficult"))
        .when(pl.col("state") == "lapsed")
        .then(pl.lit("lapsed"))
        .otherwise(pl.lit("normal"))
    )


def _service_class_reason(attempts: int) -> pl.Expr:
    state = pl.col("state").replace_strict(POLICY_STATES, default=pl.col("state"))
    tried = pl.format("；联系不上，已用{}种方式，不足" + str(attempts) + "种", "contact_attempts")
    pending = pl.when(_unreachable & (pl.col("service_class") != "difficult")).then(tried)
    said = (
        pl.when(pl.col("service_class") == "difficult")
        .then(pl.format(f"已用{{}}种方式（规定{attempts}种）仍联系不上", "contact_attempts"))
        .when((pl.col("state") == "lapsed") & pl.col("lapse_date").is_null())
        .then(pl.lit("保单失效，失效日期未登记"))
        .when(pl.col("state") == "lapsed")
        .then(pl.format("保单自{}失效", pl.col("lapse_date").dt.to_string("%Y-%m-%d")))
        .when(_live)
        .then(pl.lit("有效保单"))
        .otherwise(pl.format("保单已{}，不再派件", state))
    )
    return pl.concat_str(said, pending, ignore_nulls=True)


# --- route ----------------------------------------------------------------------------------------


def _route() -> pl.Expr:
    """Where a main policy goes; the first line that holds decides, problem cases before all."""
    territory = (
        (pl.col("state") == "in_force")
        & (pl.col("premium_mode") == "regular")
        & pl.col("due")
        & pl.col("coded")
        & (pl.col("service_class") == "normal")
    )
    return (
        pl.when(~_live)
        .then(pl.lit("closed"))
        .when(~pl.col("orphan"))
        .then(pl.lit("agent_in_post"))
        .when(pl.col("nature") == "problem")
        .then(pl.lit("investigation"))
        .when(pl.col("nature") == "hard")
        .then(pl.lit("specialist"))
        .when(territory)
        .then(pl.lit("territory"))
        .otherwise(pl.lit("buffer"))
    )
