"""Somebody who may sign whatever the command line asks: a token, and posts that give the rights behind it.

In: a database that is connected (here) or named by the environment (as a program). Out: the token. Never: used where a test
is about rights.
"""

from __future__ import annotations

import sys

from tuogu import clock

POSTS = ("resource_clerk", "branch_manager", "province_officer")


def token_of(staff_number: str) -> str:
    """Give the person the posts, for the whole company, and a token."""
    from tuogu.org import actions
    from tuogu.org import queries as org

    person, machine, at = int(org.staff_ids([staff_number])["custodian_id"][0]), org.machine(), clock.now()
    for role in POSTS:
        actions.appoint(person, role, everywhere=True, from_date=clock.business_today(), by=machine, at=at)
    return actions.issue_token(person, by=machine, at=at)


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuogu.settings")
    django.setup()
    print(token_of(sys.argv[1]))
