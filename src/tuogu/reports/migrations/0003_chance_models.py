import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0002_issued_and_mailed"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChanceModel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("target", models.TextField()),
                ("trained_on", models.DateField()),
                ("rulebook", models.TextField()),
                ("rulebook_digest", models.TextField()),
                ("rows_digest", models.TextField()),
                ("content", models.JSONField()),
                ("figures", models.JSONField()),
                ("better", models.BooleanField()),
                ("digest", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.custodian",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["target", "id"], name="reports_chance_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("target__in", ["renewal", "repurchase"])),
                        name="reports_chance_target",
                    ),
                ],
            },
        ),
    ]
