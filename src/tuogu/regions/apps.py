"""This room as a Django application: hangs the installation of its triggers on post_migrate."""

from __future__ import annotations

from django.apps import AppConfig

from tuogu.org.append_only import AppendOnly, keep_installed

PROTECTED = (
    AppendOnly("regions_codebookproposal"),
    AppendOnly("regions_codebookchange"),
    AppendOnly("regions_codebookverdict", (("proposal_id",), ("number",))),
    AppendOnly("regions_addressact", (("id",), ("undoes_id",))),
    AppendOnly("regions_addressdecision"),
    AppendOnly("regions_homedecision"),
    AppendOnly("regions_zone"),
    AppendOnly("regions_zoneversion", (("id",), ("zone_id", "number"))),
)


class RegionsConfig(AppConfig):
    """The stored code book: local changes by version, zones drawn on the map, decisions on doubtful addresses."""

    name = "tuogu.regions"
    verbose_name = "编码簿与区域"

    def ready(self) -> None:
        keep_installed(self, PROTECTED)
