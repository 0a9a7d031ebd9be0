"""The pages of motor renewal as people at their posts use them: claim desk, phone, second allocation, call list, rewards."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import openpyxl
import polars as pl
import pytest

from cast import Cast, staff_number
from motor_world import EVERYTHING, SELLER, Renewals, make_motor
from tuogu import clock
from tuogu.core.draw import SALT_BYTES, commitment
from tuogu.ledger.kinds import Relation
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.plans import actions as plan_acts
from tuogu.plans import queries as plans
from tuogu.renewals import actions
from tuogu.renewals import queries as renewals
from tuogu.renewals.models import Naming

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
LEAD, CITY, MANAGER = Role.TEAM_LEAD, Role.RENEWAL_ADMINISTRATOR, Role.ACCOUNT_MANAGER
PAGES = (
    "", "?as=table", "branch/", "calendar/", "claims/", "open/", "second/", "calls/", "registers/", "lapsed/",
    "lapsed/?view=true", "lapsed/?view=unknown", "sample/", "improvements/", "rewards/", "call-outs/",
)  # fmt: skip


@pytest.fixture
def world(cast: Cast) -> Renewals:
    made = make_motor(cast)
    return Renewals(made.cast)


def text(answer: Any) -> str:
    assert answer.status_code < 400, answer.status_code
    return str(answer.content.decode())


def page(world: Renewals, role: Role, path: str) -> str:
    return text(world.cast.client(role).get(f"/renewals/{path}"))


@pytest.mark.req("S3-02", "S3-03", "S3-16", "S3-18")
def test_every_page_opens_with_business_in_it(world: Renewals) -> None:
    """Board, table, calendar and case hold no plate or name in clear; owner and responsible person stand side by side."""
    v1, *_ = world.stock(20, 45, 80, 3)
    for step in ("call_all", "urge", "final"):
        world.settle("V4", step)
    shown = {path: page(world, CITY if path == "call-outs/" else LEAD, path) for path in PAGES}
    assert "30天以内" in shown["?as=table"]
    assert "V4" in shown["calls/"]
    assert "最终确认" in shown["second/"]
    whole = page(world, LEAD, f"cases/{world.subject(v1)}/")
    for seen in (*shown.values(), whole):
        assert "浙B00000" not in seen
    assert "终身归属" in whole
    assert "续保责任人" in whole
    assert "集中呼出提前" in whole, "each step to come names its rule"
    assert ">V1<" not in page(world, LEAD, "?as=table&band=d61_90")
    assert ">V3<" in page(world, LEAD, "?as=table&band=d61_90")
    for number in (99_999_999_999, 10**20):  # no such case; no table holds such a number
        assert world.cast.client(LEAD).get(f"/renewals/cases/{number}/").status_code == 404


@pytest.mark.req("S3-04", "S3-05")
def test_a_branch_names_people_and_files_its_register(world: Renewals) -> None:
    v1, v2 = world.stock(70, 80)
    lead = world.cast.client(LEAD)
    desk = text(lead.get("/renewals/claims/"))
    assert 'data-tg-key="1"' in desk
    assert world.cast.client(MANAGER).get("/renewals/claims/").status_code == 403
    refused = text(
        lead.post(f"/renewals/claims/{world.subject(v1)}/", {"person": world.cast.stranger}, follow=True)
    )
    assert "没有写入任何数据" in refused
    assert not Naming.objects.exists()
    for number in (v1, v2):
        done = lead.post(f"/renewals/claims/{world.subject(number)}/", {"person": world.manager}, follow=True)
        assert "已确认责任人" in text(done)
    assert "都有责任人" in text(lead.get("/renewals/claims/"))
    month = f"{world.today:%Y-%m}"
    filed = text(lead.post("/renewals/registers/new/", {"institution": "T1", "month": month}, follow=True))
    assert "已备案封定" in filed
    assert "与封定时一致" in filed
    changed = lead.post(
        f"/renewals/claims/{world.subject(v1)}/",
        {"number": staff_number(LEAD), "note": "换人", "back": "case"},
        follow=True,
    )
    assert "换人" in text(changed)
    register = renewals.registers(EVERYTHING)[0].id
    assert "换人" in text(lead.get(f"/renewals/registers/{register}/")), (
        "a change after the lock is an amendment"
    )
    got = lead.post(
        f"/renewals/registers/{register}/file/", {"reason": "报地市公司备案留存", "outside": ""}, follow=True
    )
    cells = [
        str(cell.value)
        for row in openpyxl.load_workbook(BytesIO(got.content)).active.iter_rows()
        for cell in row
    ]
    assert any("换人" in cell for cell in cells)


@pytest.mark.req("S3-08", "S3-12", "S3-17")
def test_the_phone_records_an_intention_in_one_tap(world: Renewals) -> None:
    v1, _v2 = world.stock(8, 60)
    subject = world.subject(v1)
    actions.confirm(subject, world.manager, scope=EVERYTHING, by=world.leader, at=world.at)
    world.settle(v1, "urge")
    phone = world.cast.client(MANAGER)
    assert "督促待确认" in text(phone.get("/m/renewals/"))
    assert "我的续保" in text(phone.get("/m/"))
    body = text(phone.get(f"/m/renewals/{subject}/"))
    assert "浙B00000" not in body
    to_car = phone.get("/m/customers/C000000/")
    assert to_car.headers["Location"].endswith(f"/m/renewals/{subject}/"), (
        "a task about a car leads to the car"
    )
    tap = {"kind": "call", "intention": "will", "client_key": "tap-1"}
    assert "已登记联系和续保意向" in text(phone.post(f"/m/renewals/{subject}/", tap, follow=True))
    again = {"kind": "visit", "intention": "wont", "client_key": "tap-2"}
    assert "服务卡三项" in text(phone.post(f"/m/renewals/{subject}/", again, follow=True)), (
        "a visit has its card"
    )
    missed = {"kind": "call", "intention": "none", "client_key": "tap-3"}
    assert "联系未果" in text(phone.post(f"/m/renewals/{subject}/", missed, follow=True))
    row = renewals.one_pipeline(subject, world.today).to_dicts()[0]
    assert (row["intention"], row["own_contacts"]) == ("will", 1), "an unanswered call is no contact"
    agreed = phone.post(
        f"/renewals/cases/{subject}/acknowledge/", {"what": "明天上门", "back": "phone"}, follow=True
    )
    assert "明天上门" in text(agreed)
    other = world.cast.client_of(world.person(LEAD))
    assert other.get(f"/m/renewals/{subject}/").status_code == 404, "not hers"
    png = BytesIO(b"\x89PNG\r\n\x1a\n proof")
    png.name = "proof.png"
    bare = phone.post(
        f"/renewals/cases/{subject}/end/",
        {"outcome": "elsewhere", "proof": " ", "back": "phone"},
        follow=True,
    )
    assert "没有凭证不能结束" in text(bare)
    told = {"outcome": "elsewhere", "proof": "客户出示他司电子保单", "paper": png, "back": "phone"}
    assert "已登记结果和凭证" in text(phone.post(f"/renewals/cases/{subject}/end/", told, follow=True))
    lead = world.cast.client(LEAD)
    assert lead.get(f"/renewals/cases/{subject}/proof/1/").content.endswith(b"proof")
    undone = lead.post(f"/renewals/cases/{subject}/withdraw/", {"reason": "看错了"}, follow=True)
    assert "已撤回" in text(undone)


@pytest.mark.req("S3-13", "S3-15", "S3-16")
def test_second_allocation_then_head_office_and_back(world: Renewals) -> None:
    """The leader's word opens the round; the owner stays; what is likely lost goes out and its result comes back."""
    v1, v2 = world.stock(4, 5)
    lead = world.cast.client(LEAD)
    for number in (v1, v2):
        actions.confirm(world.subject(number), world.manager, scope=EVERYTHING, by=world.leader, at=world.at)
        world.settle(number, "final")
    subject, owner = world.subject(v1), world.holder(v1, Relation.OWNERSHIP)
    empty = lead.post(f"/renewals/second/{subject}/final/", {"word": "cannot", "why": ""}, follow=True)
    assert "没有写入任何数据" in text(empty)
    lead.post(f"/renewals/second/{subject}/final/", {"word": "cannot", "why": "客户迁走"})
    assert "二次认领" in text(lead.get("/renewals/second/"))
    same = lead.post(f"/renewals/second/{subject}/claim/", {"person": world.manager}, follow=True)
    assert "须换一位责任人" in text(same)
    named = lead.post(f"/renewals/second/{subject}/claim/", {"number": staff_number(LEAD)}, follow=True)
    assert "二次分配完成" in text(named)
    assert world.holder(v1) == world.leader
    assert world.holder(v1, Relation.OWNERSHIP) == owner == org.staff_ids([SELLER])["custodian_id"][0]
    phone = world.cast.client(MANAGER)
    phone.post(f"/renewals/cases/{world.subject(v2)}/risk/", {"why": "对手报价低", "back": "phone"})
    city = world.cast.client(CITY)
    assert "对手报价低" in text(city.get("/renewals/call-outs/"))
    sealed = city.post("/renewals/call-outs/make/", follow=True)
    list_url = sealed.redirect_chain[-1][0]
    assert "对手报价低" in text(sealed)
    sheet = BytesIO()
    pl.DataFrame(
        {"保单号": [v2, "V9"], "呼出结果": ["愿意续保", "未联系上"], "备注": ["下周办", ""]}
    ).write_excel(sheet)
    sheet.seek(0)
    sheet.name = "results.xlsx"
    centre = world.cast.client(Role.CALL_CENTRE)
    back = text(centre.post(f"{list_url}results/", {"file": sheet}, follow=True))
    assert "已登记 1 行呼出结果" in back
    assert "V9 没有登记" in back
    assert "下周办" in back


@pytest.mark.req("S3-06")
def test_the_open_round_is_claimed_on_the_phone(world: Renewals, monkeypatch: pytest.MonkeyPatch) -> None:
    (v1,) = world.stock(80, agent_number="GONE")
    phone = world.cast.client(MANAGER)
    early = text(phone.post("/renewals/open/claim/", {"one": v1, "back": "phone"}, follow=True))
    assert "还在基层认领期内" in early
    later, today = clock.now() + timedelta(days=7), clock.business_today() + timedelta(days=7)
    monkeypatch.setattr(clock, "now", lambda: later)
    monkeypatch.setattr(clock, "business_today", lambda: today)
    body = text(phone.get("/m/renewals/open/"))
    assert "认领" in body
    assert "C000000" not in body, "before the claim nobody sees the customer"
    assert "已认领 1 件" in text(
        phone.post("/renewals/open/claim/", {"one": v1, "back": "phone"}, follow=True)
    )
    assert world.holder(v1) == world.manager


@pytest.mark.req("S3-17", "S3-21", "S3-22")
def test_lapsed_cars_and_the_monthly_sample(world: Renewals) -> None:
    """The rescue list of the month, a mark of truth with its register, a draw by two parties, four answers."""
    before = (world.today.replace(day=1) - timedelta(days=1)).replace(day=1)
    left = (before - world.today).days + 9  # within the month before
    numbers = world.stock(*[left] * 6)
    actions.roll(by=org.machine(), at=world.at)
    lead, city = world.cast.client(LEAD), world.cast.client(CITY)
    rescue = text(lead.get("/renewals/lapsed/"))
    assert all(number in rescue for number in numbers)
    subject = world.subject(numbers[0])
    lead.post(f"/renewals/cases/{subject}/truth/", {"true": "0", "found_by": "contact"})
    assert numbers[0] in text(lead.get("/renewals/lapsed/?view=untrue"))
    assert f">{numbers[0]}<" not in text(lead.get("/renewals/lapsed/?view=unknown"))
    got = lead.post(
        "/renewals/lapsed/file/", {"view": "untrue", "reason": "发给本机构持续跟踪", "outside": ""}
    )
    assert got.status_code == 200
    month = f"{before:%Y-%m}"
    opened = text(city.post("/renewals/sample/open/", {"month": month}))
    assert "化名密钥只显示这一次" in opened
    draw = plans.draw_heads(EVERYTHING)[0][0].code
    early = city.post("/renewals/sample/take/", {"month": month, "draw": draw}, follow=True)
    assert "没有写入任何数据" in text(early)
    parties = [(world.city, b"c" * 32), (world.person(Role.INSPECTOR), b"i" * 32)]
    for person, seed in parties:
        bound = commitment(seed[:1] * SALT_BYTES, seed)
        plan_acts.commit_draw(draw, commitment=bound, by=person, at=world.at)
    for person, seed in parties:
        plan_acts.reveal_draw(draw, salt=seed[:1] * SALT_BYTES, seed=seed, by=person, at=world.at)
    assert "抽中 5 位客户" in text(
        city.post("/renewals/sample/take/", {"month": month, "draw": draw}, follow=True)
    )
    drawn = renewals.sample(before, EVERYTHING)[0]
    answers = {"month": month, "data_true": "1", "service_done": "0", "procedure_kept": "1"}
    url = f"/renewals/sample/{drawn.id}/"
    assert "四项都请选择" in text(city.post(url, answers, follow=True))
    assert "服务到位：否" in text(city.post(url, answers | {"satisfied": "1"}, follow=True))
    assert "已经回访" in text(city.post(url, answers | {"satisfied": "1"}, follow=True))


@pytest.mark.req("S3-23", "S3-24", "S3-14")
def test_improvement_rewards_and_support(world: Renewals) -> None:
    (v1,) = world.stock(20, important=True)
    city, lead = world.cast.client(CITY), world.cast.client(LEAD)
    year, month = world.today.year, f"{world.today:%Y-%m}"
    ordered = city.post(
        "/renewals/improvements/order/",
        {"institution": "T1", "month": month, "rate": "61.5", "reason": "按业务系统"},
        follow=True,
    )
    assert "61.5" in text(ordered)
    order = renewals.improvements(EVERYTHING, world.today)[0]
    assert order.rate_bp == 6150
    early = lead.post(f"/renewals/improvements/{order.id}/", {"kind": "outcome", "text": "好了"}, follow=True)
    assert "请先填写原因和措施" in text(early)
    for kind in ("causes", "measures", "outcome"):
        lead.post(f"/renewals/improvements/{order.id}/", {"kind": kind, "text": f"写明{kind}"})
    assert "写明outcome" in text(lead.get("/renewals/improvements/"))
    city.post("/renewals/rewards/file/", {"year": year, "text": "按件奖励"})
    refused = city.post("/renewals/rewards/file/", {"year": year, "text": "再改一次"}, follow=True)
    assert "上一版还没有审批" in text(refused)
    boss = world.cast.client(Role.BRANCH_MANAGER)
    version = renewals.reward_policies(year)[0].id
    assert city.post(f"/renewals/rewards/{version}/approve/").status_code == 403
    assert "即日起按这一版" in text(
        boss.post(f"/renewals/rewards/{version}/approve/", {"year": year}, follow=True)
    )
    silent = city.post("/renewals/rewards/file/", {"year": year, "text": "年中改"}, follow=True)
    assert "年中调整须写明理由" in text(silent)
    subject = world.subject(v1)
    asked = lead.post(
        f"/renewals/cases/{subject}/support/", {"asked_of": "city", "why": "要报价支持"}, follow=True
    )
    assert "要报价支持" in text(asked)
    support = renewals.supports(EVERYTHING)[0].id
    given = city.post(
        f"/renewals/cases/{subject}/support/", {"support": support, "answer": "同意下浮"}, follow=True
    )
    assert "同意下浮" in text(given)
    assert "续保" in text(lead.get("/")), "home names what waits"
