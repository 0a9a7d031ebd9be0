"""A fresh key, everything sealed anew under it, the old one retired: nothing is lost, at whatever point it stops (L-05)."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction

import branch as tiny
from cast import Cast
from databases import Database, committed_database
from listed_world import GONE, import_rows, policy_rows
from tuogu import vault
from tuogu.accesslog.router import side_alias
from tuogu.accounts.models import Account
from tuogu.books import queries as books
from tuogu.books.models import Customer
from tuogu.org import actions as org
from tuogu.org import append_only
from tuogu.org import queries as staff
from tuogu.org.append_only import AppendOnly, guards_of, install, missing
from tuogu.org.roles import Role
from tuogu.privacy import actions, queries
from tuogu.privacy.failures import PrivacyRefused
from tuogu.vault import rotation
from tuogu.vault.blobs import open_bytes, seal_bytes
from tuogu.vault.columns import sealed_columns, values_by_key

__all__ = ["committed_database"]
pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]


@pytest.fixture
def world(cast: Cast, settings: Any, tmp_path: Path) -> Cast:
    settings.TUOGU_FILES = tmp_path / "files"
    import_rows(cast, policy_rows(5, agent=GONE))
    return cast


def who(world: Cast, role: Role = Role.ADMINISTRATOR) -> dict[str, Any]:
    return {"by": world.people[role], "at": world.now}


def in_clear() -> list[Any]:
    """Everything that is sealed, opened."""
    customers = books.stored_customers(personal=True).sort("customer_number").rows()
    return [customers, staff.staff_list().sort("staff_number").rows()]


def keys_in_use() -> set[int]:
    return {key for key, held in queries.key_standing().items() if held}


@pytest.mark.req("L-05")
def test_everything_is_sealed_anew_and_reads_as_before(world: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "BATCH_ROWS", 3)  # several batches a column
    request = actions.receive("C000001", kind="copy", wish="请给我", **who(world, Role.PRIVACY_OFFICER))
    before, hashes = in_clear(), list(Customer.objects.order_by("pk").values_list("phone_hash", flat=True))
    assert actions.add_key(**who(world)) == 2
    assert keys_in_use() == {1}  # the new one holds nothing yet
    told: list[int] = []
    total = actions.reseal(**who(world), told=lambda _where, done: told.append(done))
    assert total == sum(told) > 3 * len(told[:1])
    assert max(told) <= 3
    assert keys_in_use() == {2}
    assert in_clear() == before
    assert [bytes(h) for h in hashes] == [
        bytes(h) for h in Customer.objects.order_by("pk").values_list("phone_hash", flat=True)
    ]
    found = queries.request_record(staff_scope(), request)
    assert found is not None
    assert found.wish == "请给我"
    assert actions.reseal(**who(world)) == 0


def staff_scope() -> Any:
    from tuogu.org.scope import Scope

    return Scope.everything()


@pytest.mark.req("L-05")
def test_the_old_key_is_retired_by_a_second_person_once_nothing_uses_it(world: Cast, settings: Any) -> None:
    actions.add_key(**who(world))
    second = who(world, Role.SECURITY_ADMINISTRATOR)
    with pytest.raises(PrivacyRefused, match="还加密着"):
        actions.retire_key(1, **second)
    with pytest.raises(PrivacyRefused, match="重新加密"):
        actions.add_key(**who(world))
    actions.reseal(**who(world))
    with pytest.raises(PrivacyRefused, match="另一人"):
        actions.retire_key(1, **who(world))
    with pytest.raises(PrivacyRefused, match="正在使用"):
        actions.retire_key(2, **second)
    actions.retire_key(1, **second)
    assert list(json.loads(settings.TUOGU_KEY_FILE.read_text())["keys"]) == ["2"]
    assert stat.S_IMODE(settings.TUOGU_KEY_FILE.stat().st_mode) == 0o600
    assert books.shown_customers(["C000001"], clear=True)["C000001"].name == "张三"
    assert [one.act for one in queries.key_history()] == ["retired", "resealed", "added"]


def test_a_sealed_file_of_an_export_keeps_its_key_alive(world: Cast, settings: Any) -> None:
    folder = settings.TUOGU_FILES / "exports"
    folder.mkdir(parents=True)
    (folder / "a").write_bytes(seal_bytes("清单".encode()))
    actions.add_key(**who(world))
    actions.reseal(**who(world))
    with pytest.raises(PrivacyRefused, match="files 1"):
        actions.retire_key(1, **who(world, Role.SECURITY_ADMINISTRATOR))
    assert open_bytes((folder / "a").read_bytes()).decode() == "清单"
    (folder / "a").unlink()
    actions.retire_key(1, **who(world, Role.SECURITY_ADMINISTRATOR))


def test_the_secrets_of_second_factors_are_sealed_anew(world: Cast) -> None:
    from allauth.mfa.adapter import get_adapter
    from allauth.mfa.models import Authenticator

    user = Account.objects.first()
    assert user is not None
    encrypt, decrypt = get_adapter().encrypt, get_adapter().decrypt
    Authenticator.objects.create(user=user, type="totp", data={"secret": encrypt("JBSWY3DP")})
    Authenticator.objects.create(
        user=user,
        type="recovery_codes",
        data={"seed": encrypt("saat"), "used_mask": 3, "migrated": ["plain"]},
    )
    actions.add_key(**who(world))
    actions.reseal(**who(world))
    data = {one.type: one.data for one in Authenticator.objects.all()}
    assert decrypt(data["totp"]["secret"]) == "JBSWY3DP"
    assert decrypt(data["recovery_codes"]["seed"]) == "saat"
    assert data["recovery_codes"] | {"seed": ""} == {"seed": "", "used_mask": 3, "migrated": ["plain"]}
    actions.retire_key(1, **who(world, Role.SECURITY_ADMINISTRATOR))
    assert decrypt(data["totp"]["secret"]) == "JBSWY3DP"


def test_a_running_process_takes_up_a_new_key_by_itself(world: Cast, settings: Any) -> None:
    sealed = vault.seal_text("早")
    vault.add_key(settings.TUOGU_KEY_FILE)
    assert rotation.key_of(vault.seal_text("晚") or b"") == 2
    assert vault.open_text(sealed) == "早"


def test_a_batch_that_fails_leaves_whole_batches_and_the_next_run_goes_on(
    world: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH_ROWS", 2)
    before = in_clear()
    actions.add_key(**who(world))
    real, left = rotation.resealed, 4

    def failing(value: bytes, ring: vault.KeyRing | None = None) -> bytes:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError("the power went")
        return real(value, ring)

    monkeypatch.setattr(rotation, "resealed", failing)
    with pytest.raises(OSError, match="power"):
        actions.reseal(**who(world))
    column = next(one for one in sealed_columns() if one.name == "books_customer.address_sealed")
    assert values_by_key(column) == {1: 1, 2: 4}  # two batches whole, the third not at all
    assert in_clear() == before
    monkeypatch.setattr(rotation, "resealed", real)
    actions.reseal(**who(world))
    assert keys_in_use() == {2}
    assert in_clear() == before


def test_a_table_whose_rows_stay_is_written_by_its_owner_and_guarded_again(world: Cast) -> None:
    """As visits and proofs are: their ciphertext is sealed anew, and nobody can change a row before or after."""
    guards = guards_of([AppendOnly("books_customer")], connection.vendor)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    install(connection, guards)
    before = in_clear()
    actions.add_key(**who(world))
    actions.reseal(**who(world))
    assert keys_in_use() == {2}
    assert in_clear() == before
    assert missing(connection, guards) == []
    with pytest.raises(DatabaseError), transaction.atomic():
        Customer.objects.update(sex="F")
    with pytest.raises(RuntimeError, match="inside a transaction"):
        append_only_outside()


def append_only_outside() -> None:
    """What `lifted` does where nothing would roll the triggers back."""
    outside = type("Outside", (), {"in_atomic_block": False})()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(append_only, "connections", {"default": outside})
        with append_only.lifted("books_customer"):
            pass


def test_every_ciphertext_of_a_room_is_found_by_its_name() -> None:
    named = {one.name for one in sealed_columns()}
    for model in apps.get_models():
        filed = getattr(sys.modules[model.__module__], "PERSONAL", {}).get(model.__name__, {})
        for field in model._meta.local_concrete_fields:
            if isinstance(field, models.BinaryField) and filed.get(field.name) in {"C2", "C3"}:
                known = f"{model._meta.db_table}.{field.column}" in named
                assert known or field.name.endswith(("_hash", "digest")), f"{model.__name__}.{field.name}"
    assert side_alias() in {"side", "default"}


BOMB = """
import os, signal, sys
import django
django.setup()
from tuogu import clock
from tuogu.org import queries as org
from tuogu.privacy import actions
from tuogu.vault import rotation
rotation.BATCH_ROWS, left, real = 7, int(sys.argv[1]), rotation.resealed
def bomb(value, ring=None):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(value, ring)
rotation.resealed = bomb
if sys.argv[2] == "first":
    actions.add_key(by=org.machine(), at=clock.now())
print(actions.reseal(by=org.machine(), at=clock.now()))
"""


@pytest.fixture
def killed_world(committed_database: Database, settings: Any) -> Database:
    """Sixty people with names, phones and homes, committed."""
    settings.TUOGU_KEY_FILE = committed_database.directory / "keys"
    vault.create_key_file(settings.TUOGU_KEY_FILE)
    from tuogu import clock

    by, at = staff.machine(), clock.now()
    org.sync_institutions(tiny.institutions(), by=by, at=at)
    rows = [{"staff_number": f"7{i:03d}", "name": f"张{i}"} for i in range(60)]
    org.sync_people(tiny.people(*rows), by=by, at=at)
    return committed_database


@pytest.mark.req("L-05")
@pytest.mark.exhaustive
def test_a_rotation_that_is_killed_again_and_again_ends_where_an_undisturbed_one_does(
    killed_world: Database,
) -> None:
    before = staff.staff_list().sort("staff_number").rows()
    turns = [("first", 10), ("again", 0), ("again", 33), ("again", 1_000)]
    for turn, values in turns:
        done = subprocess.run(
            [sys.executable, "-c", BOMB, str(values), turn], env=killed_world.environment | {"COLUMNS": "200"},
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == (0 if values == 1_000 else -9), done.stderr[-2000:]
        assert staff.staff_list().sort("staff_number").rows() == before
    assert {key for key, held in queries.key_standing().items() if held} == {2}
    assert int(done.stdout) == 180 - 7 - 28  # whole batches of the killed tries stayed
    assert append_only.missing_in("privacy") == []
    assert (killed_world.directory / "keys").exists()
