"""The trigger that asks, for every new line of a case, whether the table of steps holds it (S1-23, A-29).

In: `core.machines`. Out: one trigger on each database. Never: a jump, a gap or a fork in a history, whoever writes it and
by whatever way: the page and the action ask the same tables before.
"""

from __future__ import annotations

from collections.abc import Iterable

from tuogu.cases.kinds import OPENED, Kind, machine
from tuogu.org.append_only import Guard

NAME = "cases_casestep_allowed"
_TABLE = "cases_casestep"
_REFUSAL = "this step may not follow the one before"


def moves() -> list[str]:
    """kind/source/step/target of everything that may be written, the openings among it."""
    found = []
    for kind in Kind:
        table = machine(kind)
        found.append(f"{kind}//{OPENED}/{table.first}")
        found += [f"{kind}/{step.source}/{step.name}/{step.target}" for step in table.steps]
    return sorted(found)


def guards(vendor: str) -> list[Guard]:
    """The trigger on 'sqlite' or 'postgresql'."""
    return [Guard(NAME, _TABLE, _sqlite(moves()) if vendor == "sqlite" else _postgresql(moves()))]


_BROKEN = """
NOT EXISTS (SELECT 1 FROM cases_case c WHERE c.id = NEW.case_id
            AND c.kind || '/' || NEW.source || '/' || NEW.name || '/' || NEW.target IN ({moves}))
OR (NEW.seq <> 1 AND NOT EXISTS (SELECT 1 FROM cases_casestep p
    WHERE p.case_id = NEW.case_id AND p.seq = NEW.seq - 1 AND p.target = NEW.source))
OR (NEW.seq = 1) <> (NEW.source = '')
"""


def _broken(allowed: Iterable[str]) -> str:
    return _BROKEN.format(moves=", ".join(f"'{move}'" for move in allowed)).strip()


def _sqlite(allowed: Iterable[str]) -> str:
    return (
        f"CREATE TRIGGER {NAME} BEFORE INSERT ON {_TABLE} WHEN {_broken(allowed)} "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
    )


def _postgresql(allowed: Iterable[str]) -> str:
    return f"""
CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF {_broken(allowed)} THEN
    RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER {NAME} BEFORE INSERT ON {_TABLE} FOR EACH ROW EXECUTE FUNCTION {NAME}()
"""
