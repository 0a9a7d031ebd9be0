"""Finds a page of every kind by following links, as people do, and measures what is wrong with one.

In: a site and its people. Out: for each URL name the first address that a link led to and the post that may open it;
findings as sentences. Never: an address written down here (pages that nothing links to do not exist for people).
"""

from __future__ import annotations

import html
import re
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve
from playwright.sync_api import Browser, BrowserContext, Page

from tools import watching
from tools.serving import Site
from tuogu.org.roles import Role
from tuogu.web.permissions import KEY, PERMISSIONS, allowed

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules/axe-core/axe.min.js"
NOT_LINKED = {  # what no link of a signed-in person's page leads to, and why
    # the door
    "account_login", "account_inactive", "account_reauthenticate", "mfa_reauthenticate", "mfa_authenticate", "demo_door",
    "mfa_activate_totp", "mfa_deactivate_totp", "mfa_index", "mfa_view_recovery_codes", "mfa_generate_recovery_codes",
    "account_logout", "me_sessions", "set_language", "search",  # forms
    "health",  # for programs
    "jobs:progress",  # while a job runs
    "draws:numbers",  # once two people have drawn
    "imports:run_rejects",  # the demo's file came by the command line, which keeps no copy
    "exports:printed", "notices:sms_receipt", "ledger:beside",  # for scripts and programs
    "openid_connect_login", "openid_connect_callback", "socialaccount_login_cancelled",  # where the insurer has a provider
    "regions:home", "regions:desk",  # lead on to the first address that waits
    "plans:adjust", "plans:adjust_sheet", "rules:change",  # of rows or an own draft that somebody has chosen
    "phone:pool", "phone:claims", "phone:claimed",  # where a pool may be claimed from
    "phone_worker", "phone:records", "phone:blank", "phone:conflict",  # for the phone's scripts; where custody moved
    "phone:renewal_blank",
    # what the demo has none of yet
    "audit:download", "corrections:filed_file", "corrections:sample", "corrections:scan_file", "exports:record",
    "plans:filed_file", "plans:review", "regions:change", "regions:zone", "regions:zones_map", "transfers:record",
}  # fmt: skip
POSTS = tuple(str(role) for role in Role)
LINK = re.compile(r'(?:href|hx-get|data-tg-from|data-tg-map)="(/[^"]*)"')
HAN = re.compile(r"[\u3400-\u9fff]+")
PAGES_MAX = 250  # of one post: far more than there are kinds of page
NEAR = 120  # of one post, where a few main pages are looked for: each is near somebody's home page


@dataclass(frozen=True)
class Found:
    """An address of one kind of page and who may open it. `whole`: a page; else a fragment or a file."""

    name: str
    path: str
    post: str
    whole: bool

    @property
    def phone(self) -> bool:
        return self.name.startswith("phone:")


def found_by_links(browser: Browser, site: Site, wanted: set[str] | None = None) -> dict[str, Found]:
    """URL name → the first address found, walking from the home page of each post that may open what is missing yet: of
    `wanted`, or of everything that somebody may read (15 posts: minutes)."""
    found: dict[str, Found] = {}
    for post in POSTS:
        missing = (readable(post) if wanted is None else readable(post) & wanted) - set(found)
        if missing:
            with watching.context(browser, site, post=post) as context:
                found = _walk(context, post, missing, PAGES_MAX if wanted is None else NEAR) | found
    return found


def readable(post: str) -> set[str]:
    """URL names that this post may open."""
    for_people = {name for name, rule in PERMISSIONS.items() if rule.who != KEY}
    return {name for name in for_people if allowed(frozenset({Role(post)}), name)} - NOT_LINKED


def _walk(context: BrowserContext, post: str, missing: set[str], most: int) -> dict[str, Found]:
    found: dict[str, Found] = {}
    waiting, asked = deque(["/"]), 0
    while waiting and asked < most and missing - set(found):
        path = waiting.popleft()
        name = _name_of(path)
        if not name or name in found:
            continue
        asked += 1
        answer = context.request.get(path)
        if not answer.ok:
            continue
        if urlsplit(answer.url).path != urlsplit(path).path:
            waiting.append(urlsplit(answer.url).path)  # such as the home page of who works on the phone
            continue
        kind = answer.headers.get("content-type", "")
        text = answer.text() if kind.startswith("text/html") else ""
        found[name] = Found(name, path, post, "<html" in text)
        for link in map(html.unescape, LINK.findall(text)):
            (waiting.appendleft if _name_of(link) in missing else waiting.append)(link)
    return found


def _name_of(path: str) -> str:
    try:
        return str(resolve(urlsplit(path).path).view_name)
    except Resolver404:
        return ""


def axe_findings(page: Page) -> list[str]:
    """What axe says of the page as it stands: rule, how grave, and the first element."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        """async () => (await axe.run(document, {resultTypes: ['violations'],
             runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']})).violations
             .map(v => `${v.id} (${v.impact}) ${v.nodes.length} × ${v.nodes[0].target} ${v.nodes[0].html.slice(0, 120)}`)"""
    )
    return list(found)


def overflow(page: Page) -> list[str]:
    """Elements that reach beyond the window where nothing scrolls them."""
    found = page.evaluate(
        """() => {
          const wide = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= wide) return [];
          const scrolled = e => { for (let p = e.parentElement; p && p !== document.body; p = p.parentElement)
            if (getComputedStyle(p).overflowX !== 'visible') return true; return false; };
          return [...document.body.querySelectorAll('*')]
            .filter(e => e.getBoundingClientRect().right > wide + 1 && e.getClientRects().length && !scrolled(e))
            .slice(0, 5).map(e => `${e.tagName}.${e.className} reaches beyond ${wide}`)
            .concat([`the page is ${document.documentElement.scrollWidth} wide of ${wide}`]);
        }"""
    )
    return list(found)


def chinese_texts(page: Page) -> list[str]:
    """Chinese that a reader of English meets: texts and labels outside elements that say `lang="zh…"`."""
    return list(
        page.evaluate(
            r"""() => {
          const han = /[㐀-鿿]/, found = [];
          const own = e => !e.closest('[lang^="zh"], script, style, [hidden], .tg-seal');
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const node = walker.currentNode;
            if (han.test(node.data) && own(node.parentElement)) found.push(node.data.trim());
          }
          for (const e of document.querySelectorAll('[title], [aria-label], [placeholder], [alt]'))
            for (const a of ['title', 'aria-label', 'placeholder', 'alt'])
              if (han.test(e.getAttribute(a) || '') && own(e)) found.push(e.getAttribute(a));
          if (han.test(document.title)) found.push(document.title);
          return found;
        }"""
        )
    )
