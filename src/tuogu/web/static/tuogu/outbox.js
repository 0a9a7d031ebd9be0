// The outbox of records on this device, for pages and for the service worker alike.
// What a record says is sealed (AES-GCM) with a key that this browser makes and never gives out; signing out deletes it with
// everything kept here. In the clear lie only: the record's own key, whose it is, its state, when it was made.
(function (root) {
  const NAME = 'tuogu-outbox';
  const KEPT_MS = 2 * 24 * 3600 * 1000;                     // how long "sent" stays to be seen
  const scope = root.crypto && root.crypto.subtle && root.indexedDB;

  function opened() {
    return new Promise((done, fail) => {
      const ask = indexedDB.open(NAME, 1);
      ask.onupgradeneeded = () => {
        ask.result.createObjectStore('records', { keyPath: 'key' });
        ask.result.createObjectStore('keys', { keyPath: 'who' });
      };
      ask.onsuccess = () => done(ask.result);
      ask.onerror = () => fail(ask.error);
      ask.onblocked = () => fail(new Error('blocked'));
    });
  }

  async function within(store, mode, act) {
    const base = await opened();
    try {
      return await new Promise((done, fail) => {
        const change = base.transaction(store, mode);
        const ask = act(change.objectStore(store));
        change.oncomplete = () => done(ask ? ask.result : undefined);
        change.onabort = change.onerror = () => fail(change.error);
      });
    } finally { base.close(); }
  }
  const all = () => within('records', 'readonly', store => store.getAll());
  const put = row => within('records', 'readwrite', store => store.put(row));
  const drop = key => within('records', 'readwrite', store => store.delete(key));

  async function keyOf(who) {
    const kept = await within('keys', 'readonly', store => store.get(who));
    if (kept) return kept.key;
    const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
    await within('keys', 'readwrite', store => store.add({ who, key })).catch(() => null);     // another page was faster
    return (await within('keys', 'readonly', store => store.get(who))).key;
  }

  // a record is written here before it is sent: nothing that was said at a door is lost with a line
  async function keep(who, body) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const text = new TextEncoder().encode(JSON.stringify(body));
    const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, await keyOf(who), text);
    await put({ key: body.client_key[0], who, state: 'waiting', made: Date.now(), why: '', url: '', iv, sealed });
  }

  async function said(row) {
    if (!row.sealed) return null;
    const text = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: row.iv }, await keyOf(row.who), row.sealed);
    return JSON.parse(new TextDecoder().decode(text));
  }

  async function list(who) {
    const rows = await all();
    const old = rows.filter(row => row.state === 'sent' && row.made + KEPT_MS < Date.now());
    await Promise.all(old.map(row => drop(row.key)));
    const own = rows.filter(row => row.who === who && old.indexOf(row) < 0).sort((a, b) => b.made - a.made);
    return { own, others: rows.filter(row => row.who !== who && row.state !== 'sent').length };
  }

  // → {key: state}; state: sent | conflict | refused | waiting (no network, or signed out)
  async function send(who, quiet) {
    const waiting = (await list(who)).own.filter(row => row.state === 'waiting');
    const found = {};
    if (!waiting.length) return found;
    const door = await hello();
    for (const row of waiting.reverse()) {
      found[row.key] = door && door.who === who ? await sendOne(row, door.token, quiet) : { state: 'waiting', signedOut: Boolean(door) };
    }
    return found;
  }

  async function hello() {
    try {
      const answer = await fetch('/m/records/', { headers: { Accept: 'application/json' }, credentials: 'same-origin', redirect: 'manual', cache: 'no-store' });
      if (answer.type === 'opaqueredirect') return { who: '', token: '' };
      return answer.ok ? await answer.json() : null;
    } catch (error) { return null; }                         // no network
  }

  async function sendOne(row, token, quiet) {
    const body = await said(row);
    body.device_at = [new Date().toISOString()];             // clocks of telephones go wrong: the server compares
    if (quiet) body.quiet = ['1'];
    let answer;
    try {
      answer = await fetch('/m/records/', {
        method: 'POST', credentials: 'same-origin', redirect: 'manual', body: JSON.stringify(body),
        headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'X-CSRFToken': token },
      });
    } catch (error) { return { state: 'waiting' }; }
    if (answer.type === 'opaqueredirect' || [403, 408, 429].indexOf(answer.status) >= 0 || answer.status >= 500) return { state: 'waiting' };
    const told = await answer.json().catch(() => ({}));
    if (!told.state && answer.ok) return { state: 'waiting' };                                  // the page of some network's gate
    if (!told.state) told.state = 'refused';
    const row2 = { key: row.key, who: row.who, made: row.made, state: told.state, why: told.why || '', url: told.url || '', done: told.tasks_done || 0 };
    if (told.state === 'refused') { row2.iv = row.iv; row2.sealed = row.sealed; }             // stays to be mended
    await put(row2);
    return row2;
  }

  root.tgOutbox = { able: Boolean(scope), keep, list, send, said, drop, put };
})(self);
