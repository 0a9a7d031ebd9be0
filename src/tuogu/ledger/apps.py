"""The room of the custody ledger: hangs the installation of its triggers on post_migrate."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from tuogu.org.append_only import watched


class LedgerConfig(AppConfig):
    name = "tuogu.ledger"
    verbose_name = "责任台账"

    def ready(self) -> None:
        from tuogu.ledger.guards import install_after_migrate

        post_migrate.connect(install_after_migrate, sender=self)
        watched(self, _missing)


def _missing() -> list[str]:
    from tuogu.ledger import queries

    return queries.missing_guards()
