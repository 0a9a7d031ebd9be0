from django.db import migrations, models

KEYS = "institution_code, state, live, orphan, orphan_type, service_class, route, street_code"
SUMS = f"""
INSERT INTO books_listedsum ({KEYS}, policies, yearly_premium_fen, households)
SELECT COALESCE(institution_code, ''), state, live, orphan, COALESCE(orphan_type, ''), service_class, route,
       COALESCE(street_code, ''), COUNT(*), SUM(yearly_premium_fen),
       SUM(CASE WHEN counts_holder THEN 1 ELSE 0 END)
FROM books_listedpolicy
GROUP BY COALESCE(institution_code, ''), state, live, orphan, COALESCE(orphan_type, ''), service_class, route,
         COALESCE(street_code, '')
"""


class Migration(migrations.Migration):
    """From now on a refresh adds to a line of the sums: each kind has one."""

    dependencies = [("books", "0007_erased_customers")]

    operations = [
        migrations.RunSQL("DELETE FROM books_listedsum", migrations.RunSQL.noop),
        migrations.RunSQL(SUMS, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "listedsum",
            models.UniqueConstraint(
                fields=[
                    "institution_code", "state", "live", "orphan", "orphan_type", "service_class", "route",
                    "street_code",
                ],
                name="books_listed_sum_once",
            ),
        ),
    ]  # fmt: skip
