"""Certificates of plans that were stored when only distances were minimised, in the words of today."""

from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

WORDS = {"value_m": "objective", "lower_bound_m": "lower_bound"}


def rename(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Rename the keys; a certificate in today's words stays as it is."""
    plans: Any = apps.get_model("plans", "StoredPlan")
    rows = plans.objects.using(schema_editor.connection.alias)
    for plan in rows.only("certificate"):
        if WORDS.keys() & plan.certificate.keys():
            words = {WORDS.get(name, name): value for name, value in plan.certificate.items()}
            rows.filter(pk=plan.pk).update(certificate=words)


class Migration(migrations.Migration):
    dependencies = [("plans", "0007_plan_desk")]

    operations = [migrations.RunPython(rename, migrations.RunPython.noop, elidable=True)]
