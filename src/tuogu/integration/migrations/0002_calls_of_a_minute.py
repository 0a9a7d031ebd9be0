"""The calls of a minute are counted in the row of the day: in the cache two at once counted as one."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Two columns of the side table."""

    dependencies = [("integration", "0001_keys_pushes_webhooks")]

    operations = [
        migrations.AddField("callday", "minute", models.BigIntegerField(default=0)),
        migrations.AddField("callday", "minute_calls", models.BigIntegerField(default=0)),
    ]
