"""One signed POST to a webhook's address, and which addresses may be called at all.

In: an address, a body, headers. Out: a status. Never: a redirect followed, a private address reached that the setting does
not name (the very address that was judged is connected to, so a name cannot change in between), more than a few seconds.

settings.TUOGU_WEBHOOK_NETWORKS names the private networks that may be called, e.g. the one that the core system stands in.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ipaddress
import socket
import ssl
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

SECONDS = 10.0  # a receiver that takes longer gets it again later
_URL_MAX = 500
_PORTS = {"http": 80, "https": 443}
_TOLD = "；没有写入任何数据"


class Unreachable(OSError):
    """No connection came about: nothing went out."""


class TimedOut(OSError):
    """It went out, and no answer came in time: it may have arrived."""


class AddressRefused(ValueError):
    """Says in Chinese why this address is not called."""


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What stands as v1 in X-Tuogu-Signature."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def judged(url: str) -> SplitResult:
    """The parts of an address that may stand in a subscription; AddressRefused otherwise. Asks no name server."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as wrong:
        raise AddressRefused(f"地址写法不对，应为 https://…{_TOLD}") from wrong
    plain = len(url) <= _URL_MAX and url.isascii() and url.isprintable() and " " not in url
    if not plain or parts.scheme not in _PORTS or not parts.hostname or port == 0:
        raise AddressRefused(f"地址写法不对，应为 https://…{_TOLD}")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise AddressRefused(f"地址里不要写用户名、口令或 #{_TOLD}")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise AddressRefused(f"只向 https 地址发送{_TOLD}")
    literal = _literal(parts.hostname)
    if literal is not None and not allowed(literal):
        raise AddressRefused(f"不向本机或内网地址发送（系统设置里写明的网段除外）{_TOLD}")
    return parts


def allowed(address: str) -> bool:
    """Whether this very address may be connected to."""
    found = ipaddress.ip_address(address.split("%", 1)[0])
    found = getattr(found, "ipv4_mapped", None) or found
    if any(found in ipaddress.ip_network(network) for network in settings.TUOGU_WEBHOOK_NETWORKS):
        return True
    if settings.TUOGU_DEMO:
        return found.is_loopback  # invented people leave this machine nowhere
    return found.is_global and not found.is_multicast and not found.is_reserved


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Send it; returns the status. AddressRefused, Unreachable or TimedOut otherwise."""
    parts = judged(url)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    connection = _Connection(host, port, _resolved(host, port), secure=parts.scheme == "https")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        try:
            connection.connect()
        except OSError as failure:
            raise Unreachable(type(failure).__name__) from failure
        try:
            connection.request("POST", target, body, headers)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException) as failure:
            raise TimedOut(type(failure).__name__) from failure
    finally:
        connection.close()


class _Connection(http.client.HTTPConnection):
    """A connection to the address that was judged, whatever the name means by now."""

    def __init__(self, host: str, port: int, address: str, *, secure: bool) -> None:
        super().__init__(host, port, timeout=SECONDS)
        self._address, self._secure = address, secure
        self.default_port = _PORTS["https" if secure else "http"]

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), SECONDS)
        if self._secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


def _resolved(host: str, port: int) -> str:
    """An address of the host; refused as soon as one of its addresses may not be called."""
    try:
        found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as failure:
        raise Unreachable(type(failure).__name__) from failure
    if not all(allowed(address) for address in found):
        raise AddressRefused(f"这个名字指向本机或内网地址{_TOLD}")
    return found[0]


def _literal(host: str) -> str | None:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return "127.0.0.1" if host.lower().rstrip(".") == "localhost" else None


def _is_loopback(host: str) -> bool:
    literal = _literal(host)
    return literal is not None and ipaddress.ip_address(literal).is_loopback
