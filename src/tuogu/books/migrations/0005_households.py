from django.db import migrations, models

FIRST_LIVE = """
UPDATE books_listedpolicy SET counts_holder = true WHERE live AND subject_id IN
    (SELECT MIN(subject_id) FROM books_listedpolicy WHERE live GROUP BY holder_number)
"""
SUMS = """
UPDATE books_listedsum SET households =
    (SELECT COUNT(*) FROM books_listedpolicy p
     WHERE p.counts_holder AND COALESCE(p.institution_code, '') = books_listedsum.institution_code
       AND p.state = books_listedsum.state AND p.orphan = books_listedsum.orphan
       AND COALESCE(p.orphan_type, '') = books_listedsum.orphan_type
       AND p.service_class = books_listedsum.service_class AND p.route = books_listedsum.route
       AND COALESCE(p.street_code, '') = books_listedsum.street_code)
"""


class Migration(migrations.Migration):
    dependencies = [("books", "0004_staff_homes")]

    operations = [
        migrations.AddField("listedpolicy", "counts_holder", models.BooleanField(default=False)),
        migrations.AddField("listedsum", "households", models.BigIntegerField(default=0)),
        migrations.RunSQL(FIRST_LIVE, migrations.RunSQL.noop),
        migrations.RunSQL(SUMS, migrations.RunSQL.noop),
        migrations.AddIndex(
            "listedpolicy",
            models.Index(
                fields=["live", "orphan", "orphan_type", "holder_number", "subject"],
                name="books_listed_orphan",
            ),
        ),
    ]
