"""A planned branch on PostgreSQL whose people are signed in, and what must hold of it after they have all worked at once.

In: a folder, how many people; TUOGU_DATABASE_URL and the environment of production. Out: `people.json` (post, cookies) in
the folder; after the run, faults as lines. Never: a password typed five hundred times (the door has limits of its own, and
is tested elsewhere), a mock of anything.

    python tests/load_world.py make FOLDER PEOPLE
    python tests/load_world.py check FOLDER
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

CUSTOMERS_A_PERSON = 200  # of the synthetic city, so that enough of its people hold customers
CUSTOMERS_MIN = 8_000
CITY, SEED = "330200", 7
LEADS, CLERKS = 0.08, 0.03  # of all people; everybody else is out with a phone
EFFORT = 200_000
ACCEPTED = "accepted.jsonl"  # what the people were told has arrived: written by tests/load_people.py


def make(folder: Path, count: int) -> None:
    """Synthesise, import, plan, approve, release, roll the day's tasks, sign everybody in."""
    from tuogu.settings import DATABASES

    assert "postgresql" in DATABASES["default"]["ENGINE"], "the load runs on PostgreSQL"
    plan = _planned(folder, max(CUSTOMERS_MIN, CUSTOMERS_A_PERSON * count))
    _django()
    from tuogu import clock
    from tuogu.cli.demo_people import appoint_demo_people
    from tuogu.org import queries as org
    from tuogu.plans import actions as plans
    from tuogu.work import actions as work

    today, at = clock.business_today(), clock.now()
    desks = appoint_demo_people(today=today, at=at)
    plans.approve(
        plan, by=desks["branch_manager"].custodian, at=at, first_release_date=today, note="压力测试"
    )
    plans.release_due(by=desks["resource_clerk"].custodian, at=at, plan_id=plan)
    work.roll(by=org.machine(), at=clock.now())
    people = [{"post": post, "cookies": _signed_in(person)} for post, person in _posts(desks, count)]
    (folder / "people.json").write_text(json.dumps(people), encoding="utf-8")


def _planned(folder: Path, customers: int) -> int:
    """The id of the branch's plan."""
    from tuogu.clock import business_today

    described = business_today().replace(day=1) - timedelta(days=1)
    _tuogu(
        "synth", "--out", folder / "city", "--city", CITY, "--customers", customers, "--data-date", described
    )
    told = _tuogu(
        "run", folder / "city" / "workbook.xlsx", "--out", folder / "out", "--as-of", business_today(),
        "--data-date", described, "--effort", EFFORT, "--json", "--db", os.environ["TUOGU_DATABASE_URL"],
    )  # fmt: skip
    return int(json.loads(told)["plan"])


def _tuogu(*words: object) -> str:
    """Output of the command line; 1 = done, some rows were left over."""
    done = subprocess.run(
        [sys.executable, "-m", "tuogu.cli", *map(str, words)], capture_output=True, text=True, check=False
    )
    if done.returncode not in {0, 1}:
        raise SystemExit(f"tuogu {words[0]}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def _posts(desks: dict[str, Any], count: int) -> Iterator[tuple[str, int]]:
    """(post, person): clerks and leads of the branch, then everybody who holds customers; the busiest first."""
    from tuogu import clock
    from tuogu.ledger import queries as ledger
    from tuogu.org import actions, queries
    from tuogu.org.roles import Role
    from tuogu.org.scope import Scope

    today, at, machine = clock.business_today(), clock.now(), queries.machine()
    named = {one.custodian for one in desks.values()}
    staff = queries.people(Scope.everything(), today).sort("staff_number")
    teams = dict(staff.select("custodian_id", "team_code").iter_rows())
    free = [person for person in staff["custodian_id"] if person not in named]
    held = ledger.held_counts(free)
    branch = staff["institution_code"].drop_nulls().mode().sort()[0]
    busiest = sorted((p for p in free if held.get(p)), key=lambda p: (-held[p], p))
    idle = [p for p in free if not held.get(p)] + busiest[::-1]
    clerks, leads = max(1, round(count * CLERKS)), max(1, round(count * LEADS))
    at_desks = idle[: clerks + leads]
    out = [person for person in busiest if person not in at_desks][: count - len(at_desks)]
    if len(out) + len(at_desks) < count:
        raise SystemExit(f"the branch has only {len(out) + len(at_desks)} people: synthesise a larger one")
    given = [(Role.RESOURCE_CLERK, p, branch) for p in at_desks[:clerks]]
    given += [(Role.TEAM_LEAD, p, teams[p] or branch) for p in at_desks[clerks:]]
    given += [(Role.ACCOUNT_MANAGER, p, None) for p in out]
    for role, person, code in given:
        actions.appoint(person, role, institution_code=code, from_date=today, by=machine, at=at)
        yield role.value, person


def _signed_in(person: int) -> dict[str, str]:
    """Cookies of a browser in which this person has signed in with both factors."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.hashers import make_password
    from django.contrib.sessions.backends.db import SessionStore
    from django.test import override_settings
    from django.utils.crypto import get_random_string

    from tuogu import clock
    from tuogu.accounts import actions
    from tuogu.accounts.models import Account
    from tuogu.org import queries as org

    quick = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # nobody signs in with it: the session is there
    with override_settings(PASSWORD_HASHERS=quick):
        assert make_password("x").startswith("md5")
        actions.make_account(
            person=person, login=f"load{person}", password=secrets.token_urlsafe(24), by=org.machine(), at=clock.now(),
            must_change=False,
        )  # fmt: skip
    account = Account.objects.get(person_id=person)
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = "tuogu.accounts.adapter.StaffBackend"
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session["second_factor"] = True
    session.save()
    return {
        settings.SESSION_COOKIE_NAME: session.session_key or "",
        settings.CSRF_COOKIE_NAME: get_random_string(32),
    }


def check(folder: Path) -> list[str]:
    """What does not hold: each accepted record is there once and no other, custody is whole, tasks are ended as proved."""
    _django()
    import care_truth
    from tuogu import clock
    from tuogu.core.timeline.obligations import obligations_of
    from tuogu.rules import queries as rules
    from tuogu.work.models import Record

    told = [json.loads(line) for line in (folder / ACCEPTED).read_text(encoding="utf-8").splitlines()]
    keys = {line["client_key"] for line in told}
    stored = set(Record.objects.values_list("client_key", flat=True))
    faults = [f"accepted, not stored: {key}" for key in sorted(keys - stored)]
    faults += [f"stored, not accepted: {key}" for key in sorted(stored - keys)]
    faults += [] if keys else ["nobody recorded anything"]
    today = clock.business_today()
    duties = obligations_of(rules.applicable(today))
    return [*faults, *care_truth.custody_faults(), *care_truth.task_faults(duties, today)]


def _django() -> None:
    import django

    django.setup()


if __name__ == "__main__":
    act, where, *more = sys.argv[1:]
    if act == "make":
        make(Path(where), int(more[0]))
    else:
        found = check(Path(where))
        print("\n".join(found) or "everything holds")
        raise SystemExit(1 if found else 0)
