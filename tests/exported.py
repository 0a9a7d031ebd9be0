"""Taking a file out in tests, as a person does: ask with a reason, wait for the job where the list is long, fetch.

In: a client, the address that hands the file out; who approves, where it has to be approved. Out: its bytes. Never: an
export that one person granted alone.
"""

from __future__ import annotations

from typing import Any

from django.test import Client

from uploads import run_jobs

REASON = "核对当月名单用"


def taken(client: Client, url: str, **values: Any) -> bytes:
    """The file; refuses to go on where there is none."""
    answer = client.post(url, {"reason": REASON} | values)
    if answer.status_code == 302:
        from tuogu.exports.models import Export

        assert answer.headers["Location"] == "/exports/", answer.headers["Location"]
        run_jobs()
        answer = client.post(f"/exports/{Export.objects.latest('pk').pk}/fetch/")
    assert answer.status_code == 200, (url, answer.status_code)
    return bytes(answer.content)


def granted(client: Client, approver: Client, url: str, **values: Any) -> bytes:
    """The file that a second person has to agree to; nothing leaves before."""
    from tuogu.exports.models import Export

    answer = client.post(url, {"reason": REASON} | values)
    assert (answer.status_code, answer.headers.get("Location")) == (302, "/exports/"), answer
    export = Export.objects.latest("pk").pk
    assert client.post(f"/exports/{export}/fetch/").status_code == 404
    approver.post(f"/exports/{export}/decide/", {"agree": "1"})
    run_jobs()
    answer = client.post(f"/exports/{export}/fetch/")
    assert answer.status_code == 200, (url, answer.status_code)
    return bytes(answer.content)
