"""Requests of data subjects from intake to answer; deletion with its bounds; the copy; periods (L-06, L-07)."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from django.db import DatabaseError, connection, transaction
from python_calamine import CalamineWorkbook
from test_privacy_consents import developed, says

from cast import Cast
from listed_world import GONE, as_file, customer_rows, import_rows, policy_rows
from tuogu.accesslog import queries as looks
from tuogu.books import queries as books
from tuogu.books.models import Customer, ErasedCustomer, ImportRun
from tuogu.ledger import queries as custody
from tuogu.ledger.models import Subject
from tuogu.ledger.verifying import verify
from tuogu.org import append_only
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.privacy import actions, queries
from tuogu.privacy.failures import PrivacyRefused
from tuogu.privacy.models import Consent, SubjectCopy, SubjectRequest

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
ONE, TWO = "C000000", "C000001"
EVERYTHING = Scope.everything()


def rows_of(*, ended: date | None, agent: str = GONE) -> list[dict[str, Any]]:
    """Two policies; the first has ended on that day, the second is alive."""
    rows = policy_rows(2, agent=agent)
    if ended is not None:
        rows[0] |= {"state": "matured", "end_date": ended, "inception_date": date(2000, 1, 1)}
    return rows


@pytest.fixture
def long_over(cast: Cast) -> Cast:
    """The contract of the first customer ended eleven years ago."""
    import_rows(cast, rows_of(ended=cast.today - timedelta(days=11 * 366)))
    return cast


def who(world: Cast, role: Role = Role.PRIVACY_OFFICER) -> dict[str, Any]:
    return {"by": world.people[role], "at": world.now}


def received(world: Cast, kind: str, number: str = ONE, **other: Any) -> int:
    request = actions.receive(number, kind=kind, **other, **who(world))
    actions.check_identity(request, how="document", **who(world))
    return request


def state(request: int) -> tuple[str, str]:
    found = queries.request_record(EVERYTHING, request)
    assert found is not None
    return found.state, found.outcome


# --- the way of a request ---------------------------------------------------------------------------


@pytest.mark.req("L-07")
def test_a_request_runs_from_intake_to_answer_with_dates_and_people(long_over: Cast) -> None:
    request = received(long_over, "correction", TWO, wish="地址写错了", asked_date=long_over.today)
    actions.start_work(request, **who(long_over))
    actions.answer(request, outcome="handed_over", note="已转信息更正", **who(long_over))
    found = queries.request_record(EVERYTHING, request)
    assert found is not None
    assert [step.state for step in found.steps] == ["intake", "checked", "in_work", "answered"]
    assert all(step.by == long_over.people[Role.PRIVACY_OFFICER] for step in found.steps)
    assert found.wish == "地址写错了"
    assert found.answered_at == long_over.now


@pytest.mark.req("L-07")
@pytest.mark.parametrize(
    ("asked", "due"),
    [(date(2026, 9, 1), date(2026, 9, 21)), (date(2025, 9, 26), date(2025, 10, 23))],
)  # Sunday, 20 September 2026 is worked; so are 28 September and 11 October 2025, around National Day (1 to 8 October)
def test_the_answer_is_due_fifteen_working_days_after_it_was_asked(
    long_over: Cast, asked: date, due: date
) -> None:
    actions.receive(TWO, kind="copy", asked_date=asked, **who(long_over))
    page = queries.request_page(EVERYTHING, "overdue", long_over.today)
    assert [row.due_date for row in page.rows] == [due]
    assert queries.open_requests(EVERYTHING, due) == (1, 0)
    assert queries.open_requests(EVERYTHING, due + timedelta(days=1)) == (1, 1)


def test_no_answer_before_the_identity_and_no_refusal_without_a_ground(long_over: Cast) -> None:
    request = actions.receive(TWO, kind="consents", **who(long_over))
    with pytest.raises(PrivacyRefused, match="核实身份"):
        actions.answer(request, outcome="granted", note="", **who(long_over))
    actions.check_identity(request, how="document", **who(long_over))
    with pytest.raises(PrivacyRefused, match="法律依据"):
        actions.answer(request, outcome="refused", note=" ", **who(long_over))
    assert state(request) == ("checked", "")
    with pytest.raises(PrivacyRefused, match="正在办理"):
        actions.receive(TWO, kind="consents", **who(long_over))
    actions.answer(request, outcome="refused", note="个人信息保护法第四十五条第一款", **who(long_over))
    with pytest.raises(PrivacyRefused, match="已答复"):
        actions.answer(request, outcome="granted", note="", **who(long_over))
    with pytest.raises(PrivacyRefused, match="没有这项请求"):
        actions.start_work(999_999, **who(long_over))


def test_a_request_is_seen_within_the_scope_of_its_customer(long_over: Cast) -> None:
    request = actions.receive(TWO, kind="copy", **who(long_over))
    elsewhere = Scope(institution_codes=frozenset({"X"}))
    assert queries.request_record(elsewhere, request) is None
    assert not queries.request_page(elsewhere, "all", long_over.today).rows


def test_a_step_and_a_decided_request_stay(long_over: Cast) -> None:
    received(long_over, "copy", TWO)
    for statement in ("UPDATE privacy_requeststep SET note = 'x'", "DELETE FROM privacy_requeststep"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


# --- deletion ---------------------------------------------------------------------------------------


def proposed(world: Cast, number: str = ONE) -> int:
    request = received(world, "deletion", number)
    actions.propose_erasure(request, **who(world))
    return request


@pytest.mark.req("L-07")
def test_a_living_contract_or_a_running_period_forbids_deletion_and_allows_a_block(cast: Cast) -> None:
    import_rows(cast, rows_of(ended=cast.today - timedelta(days=9 * 365)))
    assert "第八十七条" in queries.erasure_outlook(ONE, cast.today).why
    assert "有效合同" in queries.erasure_outlook(TWO, cast.today).why
    for number in (ONE, TWO):
        request = received(cast, "deletion", number)
        with pytest.raises(PrivacyRefused, match="没有删除任何信息"):
            actions.propose_erasure(request, **who(cast))
        actions.block_instead(request, ground=queries.erasure_outlook(number, cast.today).why, **who(cast))
        assert state(request) == ("answered", "blocked")
    assert queries.blocked_numbers() == {ONE, TWO}
    assert books.shown_customers([ONE], clear=True)[ONE].name == "张三"
    assert not queries.may_contact(ONE, "marketing", "any").allowed
    assert queries.may_contact(ONE, "service", "sms").allowed


@pytest.mark.parametrize(("days", "possible"), [(0, True), (-1, False)])
def test_the_period_ends_to_the_day(cast: Cast, days: int, possible: bool) -> None:
    ended = cast.today.replace(year=cast.today.year - 10) - timedelta(days=days)
    import_rows(cast, rows_of(ended=ended))
    assert queries.erasure_outlook(ONE, cast.today).possible is possible


def test_a_contract_of_a_year_is_kept_for_five_years(cast: Cast) -> None:
    rows = rows_of(ended=cast.today - timedelta(days=6 * 366))
    rows[0]["inception_date"] = rows[0]["end_date"] - timedelta(days=365)
    import_rows(cast, rows)
    assert queries.erasure_outlook(ONE, cast.today).possible


@pytest.mark.req("L-07")
def test_deletion_takes_two_people_and_leaves_pseudonymous_facts_under_an_unbroken_seal(
    long_over: Cast,
) -> None:
    world = long_over
    subject = developed(world, [ONE], world.people[Role.ACCOUNT_MANAGER])[ONE]
    request = proposed(world)
    with pytest.raises(PrivacyRefused, match="第二人"):
        actions.approve_erasure(request, **who(world))
    history = custody.history("P00000000")
    assert actions.approve_erasure(request, **who(world, Role.BRANCH_MANAGER)) == 1
    row = Customer.objects.get(number=ONE)
    personal = [f.name for f in Customer._meta.fields if f.name.endswith(("_sealed", "_hash"))]
    assert len(personal) >= 9
    assert all(getattr(row, name) is None for name in personal)
    assert (row.birth_date, row.sex, row.community_code) == (None, None, None)
    assert books.shown_customers([ONE], clear=True)[ONE].name is None
    assert Subject.objects.get(pk=subject).number is None
    assert custody.history("P00000000").equals(history)  # facts stay
    assert verify().problems == ()
    assert state(request) == ("answered", "erased")
    assert Customer.objects.get(number=TWO).name_sealed is not None
    with pytest.raises(PrivacyRefused):
        actions.approve_erasure(request, **who(world, Role.BRANCH_MANAGER))
    assert "已经删除" in queries.erasure_outlook(ONE, world.today).why


def test_the_second_person_may_say_no(long_over: Cast) -> None:
    request = proposed(long_over)
    with pytest.raises(PrivacyRefused, match="原因"):
        actions.decline_erasure(request, note="", **who(long_over, Role.BRANCH_MANAGER))
    actions.decline_erasure(request, note="客户改变主意", **who(long_over, Role.BRANCH_MANAGER))
    assert state(request) == ("in_work", "")
    assert Customer.objects.get(number=ONE).name_sealed is not None


def test_a_contract_that_comes_to_life_while_the_second_person_thinks_stops_the_deletion(
    long_over: Cast,
) -> None:
    request = proposed(long_over)
    import_rows(long_over, rows_of(ended=None), days_ago=0)
    with pytest.raises(PrivacyRefused, match="有效合同"):
        actions.approve_erasure(request, **who(long_over, Role.BRANCH_MANAGER))
    assert Customer.objects.get(number=ONE).name_sealed is not None


def erased(world: Cast) -> None:
    actions.approve_erasure(proposed(world), **who(world, Role.BRANCH_MANAGER))


@pytest.mark.req("L-07")
def test_a_later_import_leaves_the_person_erased_and_says_so(long_over: Cast) -> None:
    erased(long_over)
    import_rows(long_over, rows_of(ended=long_over.today - timedelta(days=11 * 366)), days_ago=0)
    assert Customer.objects.get(number=ONE).name_sealed is None
    assert Customer.objects.get(number=TWO).data_date == long_over.today
    assert ImportRun.objects.latest("pk").counts["erased"] == 1
    assert ErasedCustomer.objects.get().returned_at is None


@pytest.mark.req("L-07")
def test_the_dry_run_tells_of_erased_people_what_the_import_then_does(long_over: Cast) -> None:
    erased(long_over)
    rows = rows_of(ended=long_over.today - timedelta(days=11 * 366))
    intake, book = as_file(long_over, rows, days_ago=0)
    told = books.forecast(intake, book, coverage="partial", on=long_over.today).counts
    ahead = books.ahead(intake, book, books.stored_books(), on=long_over.today)
    lots = next(one for one in ahead.rows if one.kind == "customers")
    import_rows(long_over, rows, days_ago=0)
    counts = ImportRun.objects.latest("pk").counts
    for name in ("erased", "customers", "customers_updated", "stale"):
        assert told[name] == counts[name], name
    assert (told["erased"], told["customers"]) == (1, 1)
    assert lots.new + lots.changed + lots.same + lots.stale == 1, "the erased one is in none of the lots"
    back, book = as_file(long_over, rows_of(ended=None), days_ago=0)
    assert "erased" not in books.forecast(back, book, coverage="partial", on=long_over.today).counts
    assert ErasedCustomer.objects.get().returned_at is None, "a dry run brings nobody back"


def test_the_same_person_under_another_number_is_recognised_by_the_document(long_over: Cast) -> None:
    erased(long_over)
    people = customer_rows(policy_rows(1, agent=GONE))
    people[0]["customer_number"] = "C000077"
    rows = policy_rows(1, agent=GONE, first=77)
    rows[0] |= {"state": "matured", "end_date": date(2012, 1, 1)}
    import_rows(long_over, rows, people, days_ago=0)
    assert not books.customers_known(["C000077"])


def test_a_new_contract_brings_the_person_back(long_over: Cast) -> None:
    erased(long_over)
    import_rows(long_over, [*rows_of(ended=None)], days_ago=0)
    assert books.shown_customers([ONE], clear=True)[ONE].name == "张三"
    assert ErasedCustomer.objects.get().returned_at is not None
    assert not books.erased(ONE)


# --- the copy ---------------------------------------------------------------------------------------


@pytest.mark.req("L-07")
def test_the_copy_holds_everything_once_and_is_in_the_registers(long_over: Cast) -> None:
    world = long_over
    says(world, ONE, "refused")
    request = received(world, "copy")
    rows = actions.make_copy(request, **who(world))
    assert b"\xe5\xbc\xa0\xe4\xb8\x89" not in bytes(SubjectCopy.objects.get().content_sealed)  # 张三, sealed
    with pytest.raises(PrivacyRefused, match="只制作一次"):
        actions.make_copy(request, **who(world))
    with zipfile.ZipFile(io.BytesIO(actions.fetch_copy(request, **who(world)))) as archive:
        content = json.loads(archive.read("个人信息副本.json"))
        sheets = CalamineWorkbook.from_object(io.BytesIO(archive.read("个人信息副本.xlsx"))).sheet_names
    own = {line["项目"]: line["内容"] for line in content["个人信息"]}
    assert (own["姓名"], own["客户号"], own["出生日期"]) == ("张三", ONE, "1980-01-01")
    assert own["电话"].startswith("138")
    assert content["保单"][0]["保单号"] == "P00000000"
    assert content["意愿登记"][0]["意愿"] == "拒绝"
    assert {line["号码"] for line in content["责任人历史"]} == {"P00000000"}
    assert len(sheets) == len(content)
    assert rows == sum(len(lines) for lines in content.values())
    shared = queries.sharing_page().rows
    assert [(row.party_code, row.rows, row.reference) for row in shared] == [
        ("subject", rows, f"request:{request}")
    ]
    look = looks.who_looked("customer", ONE)[0]
    assert (look.kind, look.rows) == ("export", rows)
    other = received(world, "copy", TWO)
    with pytest.raises(PrivacyRefused, match="还没有制作"):
        actions.answer(other, outcome="granted", note="", **who(world))


def test_another_room_adds_what_it_stores(long_over: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from tuogu.privacy import copying

    monkeypatch.setattr(copying, "_MORE", {})
    actions.also_in_copies("回访", lambda number: pl.DataFrame({"客户号": [number], "结果": ["已接通"]}))
    assert copying.everything_about(ONE)["回访"].rows() == [(ONE, "已接通")]


# --- sharing ----------------------------------------------------------------------------------------


def party(world: Cast, **other: Any) -> None:
    wish = {"name": "短信平台", "purpose": "服务通知", "ground": "entrusted", "assessed_date": world.today,
            "assessment_ref": "PIA-1"} | other  # fmt: skip
    actions.register_party("sms", **wish, **who(world))


@pytest.mark.req("L-06")
def test_nothing_is_shared_with_a_party_that_is_not_registered_assessed_and_current(cast: Cast) -> None:
    share = {"party": "sms", "fields": "电话", "rows": 3, "reference": "notice:1"} | who(cast)
    with pytest.raises(PrivacyRefused, match="没有登记"):
        actions.record_sharing(**share)
    party(cast, assessed_date=None)
    with pytest.raises(PrivacyRefused, match="影响评估"):
        actions.record_sharing(**share)
    party(cast, assessed_date=cast.today - timedelta(days=400))
    with pytest.raises(PrivacyRefused, match="重新评估"):
        actions.record_sharing(**share)
    party(cast, until_date=cast.today)
    with pytest.raises(PrivacyRefused, match="停止提供"):
        actions.record_sharing(**share)
    party(cast)
    actions.record_sharing(**share)
    actions.record_sharing(**share)  # the same reference
    assert [(row.party_name, row.rows) for row in queries.sharing_page().rows] == [("短信平台", 3)]
    record = queries.processing_record(cast.today, cast.today)
    assert record.select("接收方", "次数", "行数").rows() == [("短信平台", 1, 3)]
    assert queries.parties(cast.today)[0].shared == 1


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"ground": "because"}, {"assessment_ref": ""}, {"purpose": ""}]
)
def test_a_party_without_its_particulars_is_refused(cast: Cast, wrong: dict[str, Any]) -> None:
    with pytest.raises(PrivacyRefused):
        party(cast, **wrong)
    assert queries.parties(cast.today) == []


# --- periods ----------------------------------------------------------------------------------------


def keep(world: Cast, days: int) -> int:
    return actions.keep_periods({}, by=world.people[Role.ADMINISTRATOR], at=world.now + timedelta(days=days))


@pytest.mark.req("L-06")
def test_a_copy_goes_after_its_days_and_not_before(long_over: Cast) -> None:
    request = received(long_over, "copy")
    actions.make_copy(request, **who(long_over))
    assert keep(long_over, 15) == 0
    assert actions.fetch_copy(request, **who(long_over))
    assert keep(long_over, 16) == 1
    assert keep(long_over, 16) == 0
    with pytest.raises(PrivacyRefused, match="清除"):
        actions.fetch_copy(request, **who(long_over))
    line = next(one for one in queries.retention(long_over.now) if one.kind.key == "copies")
    assert line.removed == 1
    assert line.last_at == long_over.now + timedelta(days=16)


@pytest.mark.req("L-06", "L-11")
def test_replaced_statements_go_after_three_years_and_what_counts_stays_for_ever(long_over: Cast) -> None:
    says(long_over, ONE, "given", hours_ago=3)
    last = says(long_over, ONE, "refused", hours_ago=2)
    other = says(long_over, ONE, "given", purpose="photo", hours_ago=1)
    assert keep(long_over, 1_094) == 0
    assert keep(long_over, 1_097) == 1
    assert set(Consent.objects.values_list("pk", flat=True)) == {last, other}
    assert keep(long_over, 10_000) == 0
    assert not queries.may_contact(ONE, "marketing", "any").allowed
    assert append_only.missing_in("privacy") == []
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM privacy_consent")


def test_the_words_of_a_person_go_after_three_years(long_over: Cast) -> None:
    request = received(long_over, "consents", TWO, wish="给我看看")
    actions.answer(request, outcome="granted", note="", **who(long_over))
    still_open = actions.receive(ONE, kind="consents", wish="也给我看看", **who(long_over))
    assert keep(long_over, 1_094) == 0
    assert keep(long_over, 1_097) == 1
    kept = SubjectRequest.objects.filter(wish_sealed__isnull=False).values_list("pk", flat=True)
    assert list(kept) == [still_open]


def test_a_room_above_gives_its_own_remover(cast: Cast) -> None:
    cuts = []

    def remove(before: Any) -> list[str]:
        cuts.append(before)
        return ["photo:1", "photo:2"]

    done = actions.keep_periods({"photos": remove}, by=cast.people[Role.ADMINISTRATOR], at=cast.now)
    assert done == 2
    assert cuts == [cast.now - timedelta(days=180)]


def test_every_kind_has_a_ground_and_a_period_or_says_why_not(cast: Cast) -> None:
    for line in queries.retention(cast.now):
        assert line.kind.ground
        assert bool(line.days or line.months) != bool(line.kind.by_hand)


# --- the auditor ------------------------------------------------------------------------------------


def test_the_auditor_gets_numbers_and_no_words_of_a_person(long_over: Cast) -> None:
    says(long_over, ONE, "refused")
    received(long_over, "copy", wish="把我的资料给我")
    tables = queries.audit_tables(long_over.today, long_over.today)
    assert tables["同意与拒绝"].height == 1
    assert tables["个人信息请求"].height == 2
    text = "".join(str(frame.rows()) for frame in tables.values())
    assert "张三" not in text
    assert "把我的资料给我" not in text
    yesterday = long_over.today - timedelta(days=1)
    assert all(frame.is_empty() for frame in queries.audit_tables(yesterday, yesterday).values())
