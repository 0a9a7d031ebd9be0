from django.db import migrations, models

FILL = """
INSERT INTO books_listedcustomer (number, policies_live, policies_all, insured_in, yearly_premium_fen, next_due_date, orphan, complaint,
                      community_code, street_code, district_code, institution_code)
SELECT n.number, COALESCE(h.live, 0), COALESCE(h.every, 0), COALESCE(i.live, 0), COALESCE(h.premium, 0),
       COALESCE(h.due, '9999-12-31'), COALESCE(h.orphans, 0) > 0, COALESCE(c.complaint, false),
       c.community_code, m.street_code, m.district_code, COALESCE(h.institution, '')
FROM (SELECT holder_number AS number FROM books_listedpolicy
UNION SELECT insured_number FROM books_listedpolicy WHERE insured_number IS NOT NULL) n
LEFT JOIN (SELECT l.holder_number AS number, COUNT(*) AS every, SUM(CASE WHEN l.live THEN 1 ELSE 0 END) AS live,
                  SUM(CASE WHEN l.live THEN l.yearly_premium_fen ELSE 0 END) AS premium,
                  MIN(CASE WHEN l.state = 'in_force' THEN l.next_due_date END) AS due,
                  SUM(CASE WHEN l.live AND l.orphan THEN 1 ELSE 0 END) AS orphans,
                  CASE WHEN COUNT(l.institution_code) = COUNT(*) AND MIN(l.institution_code) = MAX(l.institution_code)
                       THEN MIN(l.institution_code) END AS institution
           FROM books_listedpolicy l GROUP BY l.holder_number) h ON h.number = n.number
LEFT JOIN (SELECT l.insured_number AS number, SUM(CASE WHEN l.live THEN 1 ELSE 0 END) AS live
           FROM books_listedpolicy l WHERE l.insured_number <> l.holder_number GROUP BY l.insured_number) i ON i.number = n.number
LEFT JOIN books_customer c ON c.number = n.number
LEFT JOIN books_listedcommunity m ON m.community_code = c.community_code
WHERE h.number IS NOT NULL OR i.number IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [("books", "0005_households")]

    operations = [
        migrations.CreateModel(
            name="ListedCustomer",
            fields=[
                ("number", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("policies_live", models.IntegerField()),
                ("policies_all", models.IntegerField()),
                ("insured_in", models.IntegerField()),
                ("yearly_premium_fen", models.BigIntegerField()),
                ("next_due_date", models.DateField()),
                ("orphan", models.BooleanField()),
                ("complaint", models.BooleanField()),
                ("community_code", models.CharField(max_length=12, null=True)),
                ("street_code", models.CharField(max_length=12, null=True)),
                ("district_code", models.CharField(max_length=12, null=True)),
                ("institution_code", models.CharField(max_length=64)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["next_due_date", "number"], name="books_customer_due"),
                    models.Index(fields=["yearly_premium_fen", "number"], name="books_customer_premium"),
                    models.Index(fields=["policies_live", "number"], name="books_customer_policies"),
                    models.Index(
                        fields=["street_code", "next_due_date", "number"], name="books_customer_street"
                    ),
                ],
            },
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
