"""What `check --deploy` refuses beyond Django's own list: the demo's open door, keys that others can read.

In: settings. Out: errors that name the setting. Never: a look into a database.
"""

from __future__ import annotations

import stat
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security, deploy=True)
def demo_is_off(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Invented people may come in without a second factor; real customers' data may not stand behind that door."""
    if not settings.TUOGU_DEMO:
        return []
    hint = "Unset TUOGU_DEMO. It lets named people in without password and second factor."
    return [Error("TUOGU_DEMO=1 is for invented data only.", hint=hint, id="tuogu.E001")]


@register(Tags.security, deploy=True)
def keys_are_private(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The key file opens every name and phone: its owner alone may read it."""
    file = settings.TUOGU_KEY_FILE
    if not file.exists() or not file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return []
    return [Error("TUOGU_KEY_FILE may be read by others.", hint="chmod 600", id="tuogu.E002")]
