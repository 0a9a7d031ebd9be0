"""The triggers of the access log: rows are only added, but for the removal of those past their days (L-06).

In: a connection. Out: triggers, or the names of those that are missing. Never: a row deleted that no `Retention` row
covers; a Retention row for days of the last six months, whatever the rulebook says and whoever asks.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

from tuogu.accesslog.apps import PERMITS, PROTECTED
from tuogu.org.append_only import Guard, guards_of, install, missing

_LOG, _PERMITS = PROTECTED[0].table, PERMITS.table
LEAST_MONTHS = 6  # 网络安全法: network logs are kept for at least six months
_COVERED = f"COALESCE((SELECT max(before_day) FROM {_PERMITS}), '0001-01-01')"
_PG_DELETE = f"""
CREATE OR REPLACE FUNCTION tuogu_accesslog_retention() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.day >= COALESCE((SELECT max(before_day) FROM {_PERMITS}), '0001-01-01'::date) THEN
    RAISE EXCEPTION 'accesslog_sighting is append-only: DELETE refused' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN OLD;
END $$;
CREATE OR REPLACE FUNCTION tuogu_accesslog_permit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.before_day > (CURRENT_DATE - INTERVAL '{LEAST_MONTHS} months')::date THEN
    RAISE EXCEPTION 'accesslog_retention: six months are kept' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
"""


def guards(vendor: str) -> list[Guard]:
    """The triggers of this room on 'sqlite' or 'postgresql'."""
    plain = guards_of((*PROTECTED, PERMITS), vendor)
    ours = _sqlite() if vendor == "sqlite" else _postgresql()
    replaced = {guard.name for guard in ours}
    return [guard for guard in plain if guard.name not in replaced] + ours


def install_guards(connection: BaseDatabaseWrapper) -> None:
    """(Re)create them; where the log lies in the other database nothing happens."""
    if connection.vendor == "postgresql" and _LOG in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(_PG_DELETE)
    install(connection, guards(connection.vendor))


def missing_of(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of triggers that are not there."""
    return missing(connection, guards(connection.vendor))


def _sqlite() -> list[Guard]:
    name = f"{_LOG}_no_delete"
    permit = f"{_PERMITS}_six_months"
    return [
        Guard(
            name, _LOG,
            f"CREATE TRIGGER {name} BEFORE DELETE ON {_LOG} WHEN OLD.day >= {_COVERED} "
            f"BEGIN SELECT RAISE(ABORT, '{_LOG} is append-only: DELETE refused'); END",
        ),
        Guard(
            permit, _PERMITS,
            f"CREATE TRIGGER {permit} BEFORE INSERT ON {_PERMITS} "
            f"WHEN NEW.before_day > date('now', '-{LEAST_MONTHS} months') "
            f"BEGIN SELECT RAISE(ABORT, '{_PERMITS}: six months are kept'); END",
        ),
    ]  # fmt: skip


def _postgresql() -> list[Guard]:
    same, deleted, permit = f"{_LOG}_append_only", f"{_LOG}_retention", f"{_PERMITS}_six_months"
    return [
        Guard(
            same, _LOG,
            f"CREATE TRIGGER {same} BEFORE UPDATE OR TRUNCATE ON {_LOG} "
            "FOR EACH STATEMENT EXECUTE FUNCTION tuogu_append_only()",
        ),
        Guard(
            deleted, _LOG,
            f"CREATE TRIGGER {deleted} BEFORE DELETE ON {_LOG} "
            "FOR EACH ROW EXECUTE FUNCTION tuogu_accesslog_retention()",
        ),
        Guard(
            permit, _PERMITS,
            f"CREATE TRIGGER {permit} BEFORE INSERT ON {_PERMITS} "
            "FOR EACH ROW EXECUTE FUNCTION tuogu_accesslog_permit()",
        ),
    ]  # fmt: skip
