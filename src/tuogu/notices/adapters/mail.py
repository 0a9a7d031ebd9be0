"""Electronic mail by SMTP: TUOGU_MAIL_URL = smtp(s)://user:password@host:port/?from=notices@example.com

A mail has no receipt that proves anything, and a server cannot be asked what it took: a break in the middle of the
conversation is `unsure`, and a person decides.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings

from tuogu.notices.adapters.outcome import Outcome, Outgoing

SECONDS = 15.0  # of one conversation
_LOCAL = {"127.0.0.1", "::1", "localhost"}
_WORKBOOK = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FOR_GOOD = 500  # replies of SMTP from here on are refusals, below try again


class Mail:
    """The branch's mail server."""

    answers = False

    def configured(self) -> str:
        parts = urlsplit(settings.TUOGU_MAIL_URL)
        if not settings.TUOGU_MAIL_URL:
            return "没有配置"
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or not self._sender():
            return "地址应为 smtp://主机:端口/?from=发件人"
        return "演示环境不向外发送" if settings.TUOGU_DEMO and parts.hostname not in _LOCAL else ""

    def send(self, outgoing: Outgoing) -> Outcome:
        try:
            server = self._open()
        except (OSError, smtplib.SMTPException):
            return Outcome("trouble", "unreachable")
        try:
            with server:
                server.send_message(self._written(outgoing))
        except smtplib.SMTPRecipientsRefused as refused:
            code = max((reply[0] for reply in refused.recipients.values()), default=_FOR_GOOD)
            return Outcome("rejected" if code >= _FOR_GOOD else "trouble", "refused")
        except smtplib.SMTPResponseException as refused:
            return Outcome("rejected" if refused.smtp_code >= _FOR_GOOD else "trouble", "refused")
        except (OSError, smtplib.SMTPException):
            return Outcome("unsure", "timeout")
        return Outcome("accepted", "", self._message_id(outgoing))

    def asked(self, _outgoings: Sequence[Outgoing]) -> dict[str, Outcome]:
        return {}

    def _open(self) -> smtplib.SMTP:
        parts = urlsplit(settings.TUOGU_MAIL_URL)
        host, port = parts.hostname or "", parts.port or (465 if parts.scheme == "smtps" else 25)
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, port, timeout=SECONDS, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(host, port, timeout=SECONDS)
            if host not in _LOCAL:  # personal data does not cross a network in clear
                server.starttls(context=ssl.create_default_context())
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        return server

    def _written(self, outgoing: Outgoing) -> EmailMessage:
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = outgoing.title, self._sender(), outgoing.to
        message["Message-ID"] = self._message_id(outgoing)
        message.set_content(outgoing.body)
        for name, content in outgoing.files:
            message.add_attachment(content, maintype="application", subtype=_WORKBOOK, filename=name)
        return message

    def _sender(self) -> str:
        return parse_qs(urlsplit(settings.TUOGU_MAIL_URL).query).get("from", [""])[0]

    def _message_id(self, outgoing: Outgoing) -> str:
        """The same for every try, so that a second copy can be seen as one by whoever receives it."""
        return f"<{outgoing.key}@{self._sender().rpartition('@')[2] or 'localhost'}>"
