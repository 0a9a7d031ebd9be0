"""A fresh hash key: everything is found before, while hashes move, and after; of the erased no hash stays (L-05, L-07)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from cast import Cast
from listed_world import GONE, MANAGER, as_file, customer_rows, import_rows, policy_rows
from tuogu import vault
from tuogu.books import actions as books_actions
from tuogu.books import queries as books
from tuogu.books.address_known import address_forms, address_hashes
from tuogu.books.models import Customer, ErasedCustomer
from tuogu.books.search import holders_found
from tuogu.org import queries as staff
from tuogu.org.append_only import guards_of, missing
from tuogu.org.register import StaffFilter
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.privacy import actions, queries
from tuogu.privacy.erasing import erase_elsewhere
from tuogu.privacy.failures import PrivacyRefused
from tuogu.regions import queries as regions
from tuogu.regions.actions import know_addresses
from tuogu.regions.apps import PROTECTED
from tuogu.regions.models import AddressDecision
from tuogu.vault import hashing, rotation
from tuogu.vault.columns import hash_columns

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
EVERYTHING = Scope.everything()
SEVENTH, TWIN = "C000006", "C000003"  # the seventh customer's address waits for a person


@pytest.fixture
def world(cast: Cast) -> Cast:
    """Eight customers, two of whom are one person, one decided address, and a tombstone."""
    rows = policy_rows(8, agent=MANAGER)
    people = customer_rows(rows)
    people[3]["id_number"] = people[2]["id_number"]
    import_rows(cast, rows, people)
    community = Customer.objects.exclude(community_code=None).values_list("community_code", flat=True)[0]
    assert community is not None
    books_actions.code_by_hand(EVERYTHING, SEVENTH, community, **who(cast, Role.RESOURCE_CLERK))
    know_addresses([(SEVENTH, bytes(AddressDecision.objects.get().address_hash), "", "")])
    ended = policy_rows(1, agent=GONE, first=50)
    ended[0] |= {"state": "matured", "end_date": cast.today - timedelta(days=11 * 366)}
    import_rows(cast, ended)
    assert books_actions.erase_customer("C000050", **who(cast, Role.PRIVACY_OFFICER))
    return cast


def who(world: Cast, role: Role = Role.ADMINISTRATOR) -> dict[str, Any]:
    return {"by": world.people[role], "at": world.now}


def assert_all_is_found(world: Cast) -> None:
    """Every look-up of the product that goes by a hash."""
    by_phone = books.read_search("13800000004")
    assert holders_found(by_phone) == ["C000004"]
    assert len(holders_found(books.read_search("张三"))) == 8
    same = books.same_person(["C000002", "C000004"])
    assert set(same.filter(customer_number="C000002")["same"]) == {"C000002", TWIN}
    assert set(same.filter(customer_number="C000004")["same"]) == {"C000004"}
    (decision,) = regions.decided([SEVENTH])[SEVENTH]
    address = vault.open_text(Customer.objects.get(number=SEVENTH).address_sealed)
    assert decision.address_hash == address_hashes([address])[0]
    assert regions.with_same_address(address_forms(address)) == {decision.community_code: 1}
    found = staff.staff_page(EVERYTHING, StaffFilter(text="客户经理甲"), on=world.today, size=5)
    assert [row.name for row in found.rows] == ["客户经理甲"]
    ended = policy_rows(1, agent=GONE, first=50)
    ended[0] |= {"state": "matured", "end_date": world.today - timedelta(days=11 * 366)}
    intake, book = as_file(world, ended, days_ago=0)
    told = books.forecast(intake, book, coverage="partial", on=world.today).counts
    assert (told.get("erased"), told["people_updated"]) == (1, 0), (
        "the tombstone knows, and nobody in post looks changed"
    )


@pytest.mark.req("L-05")
def test_everything_is_found_before_while_and_after_hashes_move(
    world: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH_ROWS", 3)
    kept, texts = books.read_search("13800000004"), holders_found(books.read_search("张三"))
    assert_all_is_found(world)
    stored = sum(queries.hash_standing().values())
    assert queries.hash_standing() == {1: stored}
    assert actions.add_hash_key(**who(world)) == 2
    assert_all_is_found(world)
    assert holders_found(kept) == ["C000004"], "a search kept in a session"

    real, left = rotation.raised, 0

    def failing(value: bytes, ring: vault.KeyRing, to: int | None = None) -> bytes:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError("the power went")
        return real(value, ring, to)

    monkeypatch.setattr(rotation, "raised", failing)
    seen = set()
    for left in (4, 7, 10, 13, 8):  # noqa: B007 - `failing` counts it down
        with pytest.raises(OSError, match="power"):
            actions.rehash(**who(world))
        seen.add(queries.hash_standing().get(1, 0))
        assert_all_is_found(world)
    assert len(seen) > 3, "each try leaves whole batches behind"
    with pytest.raises(PrivacyRefused, match="resume"):
        actions.add_hash_key(**who(world))
    monkeypatch.setattr(rotation, "raised", real)
    assert not vault.hashes_moved()
    actions.rehash(**who(world))
    assert vault.hashes_moved()
    assert set(queries.hash_standing()) == {2}
    assert sum(queries.hash_standing().values()) == stored
    assert_all_is_found(world)
    assert holders_found(kept) == ["C000004"]
    assert holders_found(books.read_search("张三")) == texts
    assert actions.rehash(**who(world)) == 0
    assert next(one.act for one in queries.key_history()) == "rehashed"
    assert not missing(connection, guards_of(PROTECTED, connection.vendor))
    assert actions.add_hash_key(**who(world)) == 3
    actions.rehash(**who(world))
    assert_all_is_found(world)


@pytest.mark.req("L-05")
def test_who_has_only_the_old_key_can_compute_no_hash(world: Cast, settings: Any) -> None:
    before = vault.load_ring(settings.TUOGU_KEY_FILE)
    actions.add_hash_key(**who(world))
    actions.rehash(**who(world))
    stolen = settings.TUOGU_KEY_FILE.with_name("stolen")
    content = json.loads(settings.TUOGU_KEY_FILE.read_text())
    content["hash_keys"]["2"] = "00" * 32
    stolen.write_text(json.dumps(content))
    stored = bytes(Customer.objects.get(number="C000004").phone_hash or b"")
    assert vault.keyed_hash("13800000004", "phone") == stored
    settings.TUOGU_KEY_FILE = stolen
    assert vault.load_ring(stolen).hash_keys[0] == before.hash_keys[0]
    assert stored not in vault.hash_forms("13800000004", "phone")


def test_every_keyed_hash_of_a_room_is_found_by_its_name() -> None:
    names = {one.name for one in hash_columns()}
    assert {
        "books_customer.phone_hash", "books_erasedcustomer.document_hash", "regions_addressdecision.address_hash",
        "org_staffrecord.name_hash", "notices_contactlink.external_hash", "corrections_amendment.new_hash",
    } <= names  # fmt: skip


@pytest.mark.req("L-07")
def test_of_an_erased_person_no_hash_of_an_address_is_left(world: Cast) -> None:
    decided = AddressDecision.objects.get()
    assert len(bytes(decided.address_hash)) == hashing.DIGEST_BYTES
    with pytest.raises(DatabaseError), transaction.atomic():
        AddressDecision.objects.update(address_hash=b"")
    with transaction.atomic():
        erase_elsewhere([SEVENTH], **who(world, Role.PRIVACY_OFFICER))
    decided = AddressDecision.objects.get()
    assert (bytes(decided.address_hash), decided.before, decided.outcome) == (b"", {}, "coded")
    assert regions.decided([SEVENTH]) == {}
    assert not missing(connection, guards_of(PROTECTED, connection.vendor))
    with pytest.raises(DatabaseError), transaction.atomic():
        AddressDecision.objects.update(outcome="withdrawn")
    actions.add_hash_key(**who(world))
    actions.rehash(**who(world))
    assert bytes(AddressDecision.objects.get().address_hash) == b"", "an empty one is not raised"
    assert ErasedCustomer.objects.count() == 1
