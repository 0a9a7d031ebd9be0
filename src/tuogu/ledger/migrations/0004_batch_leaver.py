import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0003_entry_recorded"),
        ("org", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="leaver",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="org.custodian",
            ),
        ),
    ]
