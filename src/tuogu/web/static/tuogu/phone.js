// Behaviour of every phone page: the worker, the bar that says what waits to be sent, sending when the line is back.
// Texts stand in the page. Without a worker, or without a sealed store, forms are sent as any form is.
(function () {
  const bar = document.querySelector('[data-tg-outbox]');
  if (!bar) return;
  const who = bar.dataset.tgWho, box = self.tgOutbox;
  const part = name => bar.querySelector('[data-tg-part="' + name + '"]');

  async function show() {
    const held = box.able ? await box.list(who).catch(() => null) : null;
    const rows = held ? held.own : [];
    const waiting = rows.filter(row => row.state === 'waiting').length;
    const trouble = rows.filter(row => row.state === 'conflict' || row.state === 'refused').length;
    const off = navigator.onLine === false;
    part('off').hidden = !off;
    part('waiting').hidden = !waiting;
    part('waiting').querySelector('b').textContent = waiting;
    part('trouble').hidden = !trouble;
    part('trouble').querySelector('b').textContent = trouble;
    part('unsafe').hidden = !off || box.able;
    bar.hidden = !(off || waiting || trouble);
    document.dispatchEvent(new CustomEvent('tg:outbox', { detail: held }));
    return waiting;
  }

  let sending = null;
  function send() {
    if (!box.able || navigator.onLine === false) return show();
    sending = sending || box.send(who, true).catch(() => null).then(() => { sending = null; return show(); });
    return sending;
  }
  self.tgPhone = { who, show, send, later, hand };

  async function later() {                                  // the worker sends even when the page is closed by then
    if (!('serviceWorker' in navigator)) return;
    const worker = await navigator.serviceWorker.getRegistration('/m/');
    if (worker && 'sync' in worker) await worker.sync.register('tuogu-outbox').catch(() => null);
  }

  // what a form says is kept here, sealed, then sent; then the page of what it is about, or of what waits. `refuse` says why not;
  // `plain` sends it as any form where nothing can be kept
  async function hand(form, body, refuse, plain) {
    const key = body.client_key[0];
    try { await box.keep(who, body); } catch (error) {
      if (navigator.onLine === false || !plain) refuse(form.dataset.tgCannotKeep); else plain();
      return;
    }
    const told = navigator.onLine === false ? {} : (await box.send(who, false).catch(() => ({})))[key] || {};
    if (told.state === 'sent') location.assign(told.url || form.dataset.tgOutboxUrl);
    else if (told.state === 'refused') { await box.drop(key); refuse(told.why || form.dataset.tgCannotKeep); }
    else { await later(); location.assign(form.dataset.tgOutboxUrl); }
  }

  async function start() {
    if (!('serviceWorker' in navigator) || !box.able) return;
    document.cookie = 'tg_offline=1; path=/; max-age=31536000; SameSite=Lax' + (location.protocol === 'https:' ? '; Secure' : '');
    navigator.serviceWorker.addEventListener('message', event => { if (event.data && event.data.outbox) show(); });
    await navigator.serviceWorker.register('/sw.js', { scope: '/m/' }).catch(() => null);
    const worker = await navigator.serviceWorker.ready;
    let last = '';
    try { last = localStorage.getItem('tg-who') || ''; localStorage.setItem('tg-who', who); } catch (error) { /* private mode */ }
    if (last && last !== who) worker.active.postMessage({ forget: true });     // somebody else's pages do not stay
    const keep = [...document.querySelectorAll('[data-tg-keep]')].map(link => link.href || link.dataset.tgKeep);
    if (keep.length && navigator.onLine !== false) worker.active.postMessage({ keep });
  }

  // signing out forgets everything here: whoever has unsent records is told first
  document.addEventListener('submit', async event => {
    const form = event.target;
    if (!form.matches('form[action$="/sign-out/"]') || !box.able) return;
    event.preventDefault();
    const waiting = (await box.list(who).catch(() => ({ own: [] }))).own.filter(row => row.state === 'waiting' || row.state === 'refused').length;
    const ask = document.getElementById('leave');
    if (!waiting || !ask || !ask.showModal) { form.submit(); return; }      // submit() asks no second time
    ask.querySelector('b').textContent = waiting;
    ask.querySelector('[data-tg-leave]').onclick = () => form.submit();
    ask.showModal();
  });

  addEventListener('online', send);
  addEventListener('offline', show);
  document.addEventListener('visibilitychange', () => { if (!document.hidden) send(); });
  send();
  start();
})();
