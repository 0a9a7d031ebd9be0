"""Every database has its buffer group (保全组) and the machine that acts for the program, before anything else."""

from django.db import migrations


def create(apps, schema_editor):
    custodian = apps.get_model("org", "Custodian")
    custodian.objects.get_or_create(key="buffer", defaults={"kind": "pool", "name": "保全组"})
    custodian.objects.get_or_create(key="machine", defaults={"kind": "machine", "name": "系统"})


class Migration(migrations.Migration):
    dependencies = [("org", "0001_initial")]
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
