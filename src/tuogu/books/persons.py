"""One person behind customer numbers: who is the same, what binds the house to keep, and the whole file of what is stored.

In: customer numbers. Out: frames. Never: personal data, except by `whole_file`, which says so; whoever calls that one is
answering the person, and writes down that it was given.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl
from django.db.models import Q, QuerySet

from tuogu import vault
from tuogu.books.models import Customer, ErasedCustomer, ListedPolicy, Policy, Rider
from tuogu.books.visible import visible
from tuogu.bulk import in_parts, titled
from tuogu.core.tables import LIVE_STATES
from tuogu.org.scope import Scope

_BATCH = 10_000  # numbers of one query: below the parameter limits of both databases
_SAME = {"customer_number": pl.String, "same": pl.String, "person": pl.String}
_BOUND = {
    "number": pl.String, "state": pl.String, "inception_date": pl.Date, "end_date": pl.Date, "data_date": pl.Date,
}  # fmt: skip
_OPENED = {
    "姓名": "name_sealed", "证件号": "id_sealed", "电话": "phone_sealed", "地址": "address_sealed",
    "工作单位": "employer_sealed",
}  # fmt: skip
_PLAIN = {
    "客户号": "number", "性别": "sex", "出生日期": "birth_date", "证件类型": "id_type", "信息真实": "info_accurate",
    "有投诉": "complaint", "有违规": "misconduct", "可联系": "contactable", "联系次数": "contact_attempts",
    "社区编码": "community_code", "编码状态": "code_status", "数据日期": "data_date",
}  # fmt: skip
_CONTRACT = {
    "保单号": "number", "产品": "product_name", "状态": "state", "起保日": "inception_date", "终止日": "end_date",
    "失效日": "lapse_date", "保费（分）": "premium_fen", "年缴次数": "payments_per_year", "缴费年期": "payment_term_years",
    "保额（分）": "sum_insured_fen", "投保人客户号": "holder_number", "被保险人客户号": "insured_number",
    "业务员工号": "agent_number", "管理机构": "institution_code", "数据日期": "data_date",
}  # fmt: skip


def same_person(numbers: Iterable[str]) -> pl.DataFrame:
    """customer_number (each of `numbers`), same (each number of that person, itself among them), person (the smallest):
    the same kind and number of document is one person (A-41); without a document everybody is only himself."""
    wanted = sorted(set(numbers))
    mine = _documents(Q(number__in=part) for part in in_parts(wanted, _BATCH))
    every = _documents(Q(id_hash__in=part) for part in in_parts(_stored_forms(mine, wanted), _BATCH))
    document = ["id_type", "id_hash"]
    keyed = mine.filter(pl.col("id_hash").is_not_null()).join(
        every.rename({"number": "same"}), on=document, nulls_equal=True
    )
    alone = pl.DataFrame({"number": wanted, "same": wanted}, schema={"number": pl.String, "same": pl.String})
    both = pl.concat([keyed.select("number", "same"), alone]).unique()
    found = both.with_columns(person=pl.col("same").min().over("number"))
    return found.rename({"number": "customer_number"}).select(*_SAME).sort("customer_number", "same")


def _stored_forms(mine: pl.DataFrame, numbers: list[str]) -> list[bytes]:
    """The hashes by which others with one of these documents are found. While hashes move to a fresh key, a row may still
    have the older form, which only the document itself gives."""
    if vault.hashes_moved():
        return list(mine["id_hash"].drop_nulls().unique().sort())
    sealed = [
        value
        for part in in_parts(numbers, _BATCH)
        for value in Customer.objects.filter(number__in=part).values_list("id_sealed", flat=True)
    ]
    documents = {document for document in vault.open_texts(sealed) if document}
    return [form for document in sorted(documents) for form in vault.hash_forms(document, "id")]


def _documents(conditions: Iterable[Q]) -> pl.DataFrame:
    schema = {"number": pl.String, "id_type": pl.String, "id_hash": pl.Binary}
    rows = [
        row for condition in conditions for row in Customer.objects.filter(condition).values_list(*schema)
    ]
    digests = vault.newest_hashes(digest for _number, _type, digest in rows)
    plain = [(number, kind, digest) for (number, kind, _), digest in zip(rows, digests, strict=True)]
    return pl.DataFrame(plain, schema=schema, orient="row")


def customers_known(numbers: Iterable[str]) -> set[str]:
    """Those of `numbers` under which a customer is stored."""
    found = Customer.objects.filter(number__in=list(numbers))
    return set(found.values_list("number", flat=True))


def customer_within(scope: Scope, number: str) -> bool:
    """Whether a policy of this customer, as holder or insured, is within scope."""
    if not customers_known([number]):
        return False
    seen = visible(scope)
    return seen.everything or _theirs(number).filter(seen.condition()).exists()


def _theirs(number: str) -> QuerySet[ListedPolicy]:
    return ListedPolicy.objects.filter(Q(holder_number=number) | Q(insured_number=number))


def numbers_within(scope: Scope) -> QuerySet[Any] | None:
    """Customer numbers of the holders within scope, as a subquery for the lists of other rooms; None = no limit."""
    seen = visible(scope)
    return None if seen.everything else ListedPolicy.objects.filter(seen.condition()).values("holder_number")


def contracts_of(number: str) -> pl.DataFrame:
    """number, state, live, inception_date, end_date, data_date of every contract that names the customer."""
    named = Q(holder_number=number) | Q(insured_number=number)
    rows = [row for model in (Policy, Rider) for row in model.objects.filter(named).values_list(*_BOUND)]
    frame = pl.DataFrame(rows, schema=_BOUND, orient="row")
    return frame.with_columns(live=pl.col("state").is_in(LIVE_STATES)).sort("number")


def policies_of(number: str) -> list[tuple[str, int]]:
    """(policy number, ledger subject) of every main policy that names the customer."""
    named = Q(holder_number=number) | Q(insured_number=number)
    return list(Policy.objects.filter(named).order_by("number").values_list("number", "subject_id"))


def whole_file(number: str) -> dict[str, pl.DataFrame]:
    """Everything that this room stores about a person, in clear: for the person (PIPL 45). Chinese title → frame."""
    row: dict[str, Any] | None = Customer.objects.filter(number=number).values().first()  # type: ignore[assignment]
    if row is None:
        return {}
    opened = vault.open_texts(row[column] for column in _OPENED.values())
    own = {title: row[column] for title, column in _PLAIN.items()} | dict(zip(_OPENED, opened, strict=True))
    named = Q(holder_number=number) | Q(insured_number=number)
    return {
        "个人信息": pl.DataFrame(
            {"项目": list(own), "内容": [None if value is None else str(value) for value in own.values()]},
            schema={"项目": pl.String, "内容": pl.String},
        ),
        "保单": titled(Policy.objects.filter(named).order_by("number"), _CONTRACT),
        "附加险": titled(Rider.objects.filter(named).order_by("number"), _CONTRACT),
    }


def erased(number: str) -> bool:
    """Whether the personal data of this customer was erased and has not come back with a new contract."""
    return ErasedCustomer.objects.filter(customer_number=number, returned_at__isnull=True).exists()
