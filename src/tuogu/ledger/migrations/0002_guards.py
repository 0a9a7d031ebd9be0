"""Installs the triggers; post_migrate installs them again after every migration (a table rebuild drops them)."""

from django.db import migrations

from tuogu.ledger.guards import install_guards


def install(apps, schema_editor):
    install_guards(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial"), ("org", "0002_first_custodians")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
