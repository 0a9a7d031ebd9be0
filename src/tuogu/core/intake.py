"""Raw sheets become books: the public face of intake.

In: a RawWorkbook and the data date (the day the branch's data speaks of). Out: `Intake`: accepted books,
rejects and warnings with sheet, row, column and reason, and counts. Never: an exception on any row content; a
row that is neither accepted, rejected nor counted as skipped; an influence of the order of a frame's rows.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.core.facts import FACT_KEYS
from tuogu.core.intake_facts import facts_of
from tuogu.core.intake_keys import Outside, bar, refer, reject_duplicates, remark_shared_ids
from tuogu.core.intake_motor import judge_motor
from tuogu.core.intake_rows import compare_columns
from tuogu.core.intake_sheet import LINE, Sheet, read_sheet
from tuogu.core.intake_tables import BOOKS, COUNTS, EXTRA, NUMBERS, ROW, SHEETS, Intake, RawWorkbook
from tuogu.core.intake_titles import TITLES
from tuogu.core.reason_lines import describe
from tuogu.core.tables import REJECTS, Books, conform, empty

__all__ = ["Intake", "Outside", "standardise"]
_EXTRA_CELL = {EXTRA: EXTRA}


def standardise(
    raw: RawWorkbook,
    data_date: date,
    max_reject_share: float | None = None,
    *,
    stored: Books | None = None,
    ranks: frozenset[str] | None = None,
    outside: Outside | None = None,
) -> Intake:
    """Standardise every sheet of `raw`.

    stored: what earlier imports accepted. References may point into it, and of two rows with one key the one
    equal to it stays. A reference is judged only where its target sheet, or `stored`, is there to judge by.
    ranks: what a fact of rank may say, from the rulebook; without it none is judged.
    outside: rows out of scope come back like any other bad row, and rows that refer to them are told so (P-12).
    max_reject_share: 0..1; above it `Intake.refusal` says so (the rows are judged all the same).
    """
    sheets: dict[str, Sheet] = {}
    for kind in SHEETS:
        if kind in raw.sheets:
            sheets[kind] = compare_columns(read_sheet(raw.sheets[kind]), data_date, ranks)
    if outside is not None:
        sheets = bar(sheets, outside)
    sheets = {kind: reject_duplicates(sheet, _stored(stored, kind)) for kind, sheet in sheets.items()}
    sheets = _judge_references(sheets, stored)
    counts = _counts(sheets)
    frames = {kind: _accepted(sheets.get(kind), kind) for kind in BOOKS}
    return Intake(
        books=Books(**frames, data_date=data_date),
        rejects=_told(sheets, rejected=True),
        warnings=_told(sheets, rejected=False),
        counts=counts,
        rejected_numbers=_rejected_numbers(sheets),
        facts=facts_of(sheets.get("facts")),
        motor=_accepted(sheets.get("motor"), "motor"),
        returned=raw.data_date is not None,
        refusal=_refusal(counts, max_reject_share),
    )


def _stored(stored: Books | None, kind: str) -> pl.DataFrame | None:
    """The stored rows of a kind; facts have none: a further row about the same month is a correction."""
    return None if stored is None or kind not in BOOKS else getattr(stored, kind)


def _judge_references(sheets: dict[str, Sheet], stored: Books | None) -> dict[str, Sheet]:
    """Targets first, so that a row which names a rejected row is told so."""
    keys = {kind: _keys(sheets.get(kind), _stored(stored, kind)) for kind in BOOKS}
    out = dict(sheets)
    institutions, people = keys["institutions"], keys["people"]
    if "institutions" in out and institutions is not None:
        out["institutions"] = refer(
            out["institutions"], "parent_code", institutions, "unknown_parent", remark=True
        )
    if "people" in out and institutions is not None:
        for column, reason in (("team_code", "unknown_team"), ("institution_code", "unknown_team")):
            out["people"] = refer(out["people"], column, institutions, reason, remark=True)
    if "people" in out and people is not None:
        out["people"] = refer(out["people"], "recruiter_number", people, "unknown_recruiter", remark=True)
    if "customers" in out:
        out["customers"] = remark_shared_ids(out["customers"])
    if "policies" in out:
        out["policies"] = _judge_policies(out["policies"], out.get("customers"), keys, stored)
    if "motor" in out:
        out["motor"] = judge_motor(out["motor"], out.get("customers"), keys)
    if "facts" in out:
        departments = _departments(out.get("institutions"), _stored(stored, "institutions"))
        out["facts"] = _judge_facts(out["facts"], people, departments)
    return out


def _departments(sheet: Sheet | None, stored: pl.DataFrame | None) -> pl.Series | None:
    """Codes of the departments, accepted and stored; None when no institutions are known."""
    frames = [frame for frame in (None if sheet is None else sheet.accepted(), stored) if frame is not None]
    if not frames:
        return None
    both = pl.concat(frame.select("institution_code", "level") for frame in frames)
    return both.filter(pl.col("level") == "department")["institution_code"]


def _judge_facts(facts: Sheet, people: pl.Series | None, departments: pl.Series | None) -> Sheet:
    """Facts speak of a person or a department; who gave one is a person."""
    if people is not None:
        facts = refer(facts, "author", people, "unknown_author")
    if people is None or departments is None:
        return facts
    facts = refer(facts, "subject", pl.concat([people, departments]), "unknown_subject")
    for kind, own, others in (("person", people, departments), ("department", departments, people)):
        keys = [fact.key for fact in FACT_KEYS.values() if fact.of == kind]
        wrong = pl.col("fact_key").is_in(keys) & pl.col("subject").is_in(others.implode())
        facts = refer(facts, "subject", own, f"fact_of_{kind}", where=wrong)
    return facts


def _judge_policies(
    policies: Sheet, customers: Sheet | None, keys: dict[str, pl.Series | None], stored: Books | None
) -> Sheet:
    """Holder, insured, institution and agent; then riders against the main policies that remain."""
    accepted = keys["customers"]
    if accepted is not None:
        turned_back = None if customers is None else customers.values["customer_number"]
        for role in ("holder", "insured"):
            policies = refer(
                policies,
                f"{role}_number",
                accepted,
                f"unknown_{role}",
                rejected_targets=turned_back,
                rejected=f"{role}_rejected",
            )
    if keys["institutions"] is not None:
        policies = refer(policies, "institution_code", keys["institutions"], "unknown_institution")
    if keys["people"] is not None:
        policies = refer(policies, "agent_number", keys["people"], "unknown_agent", remark=True)
    return _judge_riders(policies, stored)


def _judge_riders(policies: Sheet, stored: Books | None) -> Sheet:
    is_main = pl.col("kind") == "main"
    mains = [policies.accepted().filter(is_main)["policy_number"]]
    riders = [policies.values.filter(pl.col("kind") == "rider")["policy_number"]]
    if stored is not None:
        mains.append(stored.policies.filter(is_main)["policy_number"])
        riders.append(stored.policies.filter(pl.col("kind") == "rider")["policy_number"])
    every = policies.values["policy_number"]
    told = refer(
        policies,
        "main_policy_number",
        pl.concat(mains),
        "unknown_main",
        rejected_targets=every,
        rejected="main_rejected",
        where=pl.col("kind") == "rider",
    )
    on_rider = pl.col("main_policy_number").is_in(pl.concat(riders).drop_nulls().implode())
    rows = policies.values.filter((pl.col("kind") == "rider") & on_rider)[ROW].implode()
    lost = pl.col("reason").is_in(["unknown_main", "main_rejected"]) & pl.col(ROW).is_in(rows)
    renamed = told.problems.with_columns(
        reason=pl.when(lost).then(pl.lit("main_is_rider")).otherwise(pl.col("reason"))
    )
    return Sheet(told.raw, told.rules, told.values, renamed, told.remarks, told.skipped)


def _keys(sheet: Sheet | None, stored: pl.DataFrame | None) -> pl.Series | None:
    """Accepted and stored keys of a kind; None when there is nothing to judge a reference by."""
    if sheet is None and stored is None:
        return None
    parts = [pl.Series([], dtype=pl.String)]
    for frame in (None if sheet is None else sheet.accepted(), stored):
        if frame is not None:
            parts.append(frame.to_series(frame.columns.index(_key(frame))))
    return pl.concat(parts)


def _key(frame: pl.DataFrame) -> str:
    """The key column: the first canonical column of every schema."""
    return next(c for c in frame.columns if c != ROW)


def _accepted(sheet: Sheet | None, kind: str) -> pl.DataFrame:
    schema = SHEETS[kind]
    if sheet is None:
        return empty(schema)
    return conform(sheet.accepted().sort(sheet.rules.key), schema)


def _told(sheets: dict[str, Sheet], *, rejected: bool) -> pl.DataFrame:
    """REJECTS lines of the rejected rows, or the remarks about accepted ones, sorted."""
    parts = [empty(REJECTS)]
    for sheet in sheets.values():
        found = sheet.problems if rejected else sheet.remarks.join(sheet.problems, on=ROW, how="anti")
        written = {canonical: sheet.raw.headers[c] for c, canonical in sheet.raw.mapping.items()}
        headers = TITLES[sheet.raw.kind] | written
        told = describe(_with_cells(found.unique(), sheet), headers, sheet.rules.personal | {EXTRA})
        parts.append(
            told.select(pl.lit(sheet.raw.name).alias("sheet"), *(c for c in REJECTS if c != "sheet"))
        )
    return pl.concat(parts).sort("sheet", "row", "column", "reason", "detail")


def _with_cells(found: pl.DataFrame, sheet: Sheet) -> pl.DataFrame:
    """Lines with the cell that each is about, as written, in `value`."""
    source = {canonical: column for column, canonical in sheet.raw.mapping.items()} | _EXTRA_CELL
    parts = [pl.DataFrame(schema={**LINE, "value": pl.String})]
    for (column,), part in found.group_by(["column"]):
        if column in source and source[str(column)] in sheet.raw.frame.columns:
            cells = sheet.raw.frame.select(ROW, pl.col(source[str(column)]).alias("value"))
            parts.append(part.join(cells, on=ROW, how="left"))
        else:
            parts.append(part.with_columns(value=pl.lit(None, dtype=pl.String)))
    return pl.concat(part.select(*LINE, "value") for part in parts).rename({ROW: "row"})


def _rejected_numbers(sheets: dict[str, Sheet]) -> pl.DataFrame:
    """Keys that could be read in rejected rows: what the file speaks of, though it is not accepted."""
    parts = [empty(NUMBERS)]
    for kind, sheet in sheets.items():
        turned_back = sheet.values.join(sheet.problems, on=ROW, how="semi")
        parts.append(turned_back.select(kind=pl.lit(kind), number=sheet.rules.key))
    return pl.concat(parts).drop_nulls().unique().sort("kind", "number")


def _counts(sheets: dict[str, Sheet]) -> pl.DataFrame:
    rows = []
    for kind, sheet in sheets.items():
        rejected = sheet.problems[ROW].n_unique()
        facts = {"kind": kind, "sheet": sheet.raw.name, "read": sheet.raw.frame.height, "rejected": rejected}
        rows.append(facts | {"accepted": sheet.values.height - rejected} | sheet.skipped)
    return conform(pl.DataFrame(rows, schema={**COUNTS}), COUNTS)


def _refusal(counts: pl.DataFrame, max_reject_share: float | None) -> str | None:
    rejected, judged = int(counts["rejected"].sum()), int((counts["rejected"] + counts["accepted"]).sum())
    if max_reject_share is None or judged == 0 or rejected <= max_reject_share * judged:
        return None
    return (
        f"退回 {rejected:,} 行，占 {rejected / judged:.1%}，超过允许的 {max_reject_share:.1%}，本次导入不生效"
    )
