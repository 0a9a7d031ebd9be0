"""The file that a party keeps between committing and revealing: salt and seed of one draw.

In: a draw, random bytes; the bytes of an uploaded file. Out: the file's text; salt and seed. Never: a secret kept on this
side, a secret of another draw or another list taken. A file that `tuogu draw commit` wrote is read as well.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from tuogu.core.draw import SALT_BYTES
from tuogu.plans.queries import DrawState

SEED_BYTES = 32
FILE_BYTES_MAX = 4_096


class SecretRefused(ValueError):
    """The file is not the secret of this draw; the message says why."""


@dataclass(frozen=True)
class Secret:
    """What nobody else may know before it is revealed."""

    salt: bytes
    seed: bytes


def new_secret() -> Secret:
    """From the system's random generator."""
    return Secret(secrets.token_bytes(SALT_BYTES), secrets.token_bytes(SEED_BYTES))


def as_text(secret: Secret, state: DrawState, party: str) -> str:
    """The file, as the command line writes it."""
    value = {
        "draw_id": state.draw_id, "party": party, "list_digest": state.list_digest,
        "salt": secret.salt.hex(), "seed": secret.seed.hex(),
    }  # fmt: skip
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def uploaded(request: HttpRequest, state: DrawState) -> Secret:
    """The secret of the file `secret` of a form; SecretRefused when there is none, or it is not this draw's."""
    file = request.FILES.get("secret")
    if file is None:
        raise SecretRefused(_("请选择你的密件文件"))
    if (file.size or 0) > FILE_BYTES_MAX:
        raise SecretRefused(_("这个文件不是抽取的密件"))
    return from_bytes(file.read(), state)


def from_bytes(content: bytes, state: DrawState) -> Secret:
    """The secret of an uploaded file; SecretRefused when it is none, or of another draw or list."""
    try:
        value = json.loads(content.decode())
        found = Secret(bytes.fromhex(value["salt"]), bytes.fromhex(value["seed"]))
        draw_id, digest = value["draw_id"], value["list_digest"]
    except (KeyError, TypeError, ValueError, RecursionError):
        raise SecretRefused(_("这个文件不是抽取的密件")) from None
    if draw_id != state.draw_id:
        raise SecretRefused(_("这是另一次抽取的密件，不能用在这里"))
    if digest != state.list_digest:
        raise SecretRefused(_("密件所记的名单摘要与公布的不符：名单可能被改动过"))
    return found
