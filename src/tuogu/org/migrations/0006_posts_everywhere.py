"""Posts without an institution meant the whole company; now that is said outright."""

from django.db import migrations


def say_it(apps, schema_editor):
    post = apps.get_model("org", "Post")
    by_place = post.objects.exclude(role__in=["account_manager", "buffer_member"])  # these never saw by place
    by_place.filter(institution__isnull=True, region_code__isnull=True).update(everywhere=True)


class Migration(migrations.Migration):
    dependencies = [("org", "0005_places_absences_substitutes")]
    operations = [migrations.RunPython(say_it, migrations.RunPython.noop)]
