// The service worker of the phone (scope /m/). It keeps the shell, an empty record form, and pages that the server marked
// "X-Tuogu-Keep": masked, at most as old as a session may get. Never a page with personal data in clear (those are answers
// to POST and are not marked), never a file of a customer.
const PAGES = 'pages-' + TG.version, SHELL = 'shell-' + TG.version;
const PATIENCE_MS = 6000;                                   // then a page of this morning is better than none

self.addEventListener('install', event => {
  event.waitUntil((async () => {
    const shell = await caches.open(SHELL);
    await shell.addAll(TG.shell);
    for (const page of TG.pages) await keepPage(page).catch(() => null);
    await self.skipWaiting();
  })());
});

self.addEventListener('activate', event => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name !== PAGES && name !== SHELL) await caches.delete(name);
    await self.clients.claim();
  })());
});

self.addEventListener('message', event => {
  const told = event.data || {};
  if (told.keep) event.waitUntil(Promise.all(told.keep.slice(0, TG.keep_max).map(url => keepPage(url).catch(() => null))));
  if (told.forget) event.waitUntil(caches.delete(PAGES));
});

self.addEventListener('sync', event => {
  if (event.tag === 'tuogu-outbox') event.waitUntil(sendAll());
});

async function sendAll() {
  const answer = await fetch('/m/records/', { headers: { Accept: 'application/json' }, credentials: 'same-origin', redirect: 'manual', cache: 'no-store' });
  if (!answer.ok) return;
  await tgOutbox.send((await answer.json()).who, true);
  for (const client of await self.clients.matchAll()) client.postMessage({ outbox: true });
}

async function keepPage(url) {
  const answer = await fetch(url, { credentials: 'same-origin', cache: 'no-store' });
  if (mayKeep(answer)) await (await caches.open(PAGES)).put(url, answer);
}
const mayKeep = answer => answer.ok && !answer.redirected && answer.headers.get('X-Tuogu-Keep') === 'masked';

self.addEventListener('fetch', event => {
  const asked = event.request, url = new URL(asked.url);
  if (asked.method !== 'GET' || url.origin !== location.origin) return;
  if (url.pathname.startsWith(TG.static)) event.respondWith(fromShell(asked));
  else if (asked.mode === 'navigate') event.respondWith(page(event, url));
});

async function fromShell(asked) {
  const kept = await caches.match(asked, { ignoreSearch: true });
  return kept || fetch(asked);
}

async function page(event, url) {
  const loading = fetch(event.request).then(answer => {
    if (mayKeep(answer)) {
      const copy = answer.clone();
      event.waitUntil(caches.open(PAGES).then(pages => pages.put(event.request.url, copy)));
    } else if (answer.ok && !answer.redirected) {             // it may not be kept any more: nor may what it was before
      event.waitUntil(caches.open(PAGES).then(pages => pages.delete(event.request.url)));
    }
    return answer;
  });
  const kept = await fresh(event.request.url);
  if (!kept) return loading.catch(() => instead(url));
  const late = new Promise(done => setTimeout(() => done(kept), PATIENCE_MS));
  return Promise.race([loading.catch(() => kept), late]);
}

async function fresh(url) {
  const kept = await (await caches.open(PAGES)).match(url);
  const age = kept ? Date.now() - Date.parse(kept.headers.get('Date') || 0) : 0;
  return kept && age < TG.kept_seconds * 1000 ? kept : null;
}

// an unknown customer's form offline is the empty one, so is a log, so is the talk about a renewal; anything else is the outbox
async function instead(url) {
  const blank = /^\/m\/customers\/[^/]+\/record\/$/.test(url.pathname) ? TG.blank
    : /^\/m\/renewals\/\d+\/$/.test(url.pathname) ? TG.renewal_blank
    : url.pathname === TG.log ? TG.log_blank : TG.outbox;
  return await fresh(new URL(blank, location.origin).href)
    || await fresh(new URL(TG.outbox, location.origin).href) || Response.error();
}
