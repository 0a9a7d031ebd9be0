"""Acts on hash keys are named; no table changes."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Two more choices of one field."""

    dependencies = [("privacy", "0001_privacy_desk")]

    operations = [
        migrations.AlterField(
            "keyevent",
            "act",
            models.TextField(
                choices=[
                    ("added", "启用新密钥"),
                    ("resealed", "重新加密"),
                    ("retired", "停用旧密钥"),
                    ("hash_added", "启用新的检索密钥"),
                    ("rehashed", "重算检索值"),
                ]
            ),
        )
    ]
