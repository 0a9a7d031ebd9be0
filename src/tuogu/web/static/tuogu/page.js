// Behaviour that every page shares: menu, theme, segmented switches, keys, row selection, filters, dialogs.
// Texts never stand here: they come from the page.
(function () {
  const root = document.documentElement;
  const typing = target => target.isContentEditable || /INPUT|TEXTAREA|SELECT/.test(target.tagName);

  document.addEventListener('click', event => {
    const on = selector => event.target.closest(selector);
    if (on('[data-tg-menu]')) root.dataset.side = root.dataset.side === 'open' ? '' : 'open';
    else if (!on('.tg-side')) root.dataset.side = '';
    if (on('[data-tg-theme]')) tg.setTheme(root.getAttribute('data-bs-theme') === 'dark' ? 'light' : 'dark');
    if (on('[data-tg-print]')) print();
    document.querySelectorAll('details.tg-drop[open]').forEach(drop => { if (!drop.contains(event.target)) drop.open = false; });
    const density = on('[data-tg-density]');
    if (density) keep('density', density.dataset.tgDensity);
    const seg = on('.tg-seg button');
    if (seg) press(seg);
    const opener = on('[data-tg-dialog]');
    if (opener) {
      if (opener.dataset.tgDialog === 'keys') nameKeys();
      document.getElementById(opener.dataset.tgDialog).showModal();
    }
    const closer = on('[data-tg-close]');
    if (closer) closer.closest('dialog').close();
  });

  // a download leaves the page standing: its dialog has done its work once the form is on its way
  document.addEventListener('submit', event => {
    const dialog = event.target.closest('dialog[data-tg-leaves]');
    if (dialog) setTimeout(() => dialog.close());
  });

  function press(button) {
    button.parentElement.querySelectorAll('button').forEach(b => b.setAttribute('aria-pressed', b === button));
    const show = button.dataset.show;               // 'group:panel' shows one panel of a group
    if (show) {
      const group = show.split(':')[0];
      document.querySelectorAll('[data-panel^="' + group + ':"]').forEach(p => { p.hidden = p.dataset.panel !== show; });
    }
    button.dispatchEvent(new CustomEvent('tg:seg', { bubbles: true, detail: button.dataset.value || show }));
  }

  // a select whose choice shows one panel of a group
  document.addEventListener('change', event => {
    const group = event.target.dataset ? event.target.dataset.tgPanels : '';
    if (!group) return;
    const show = group + ':' + event.target.value;
    document.querySelectorAll('[data-panel^="' + group + ':"]').forEach(p => { p.hidden = p.dataset.panel !== show; });
  });

  // what a person chose for this browser: density
  function keep(name, value) {
    try { localStorage.setItem('tg-' + name, value); } catch (error) { /* private mode keeps nothing */ }
    if (name === 'density') document.body.dataset.density = value;
  }
  try { document.body.dataset.density = localStorage.getItem('tg-density') || ''; } catch (error) { /* private mode */ }

  // keys: '/' searches; a button or link with data-tg-key acts on its key; Escape closes menus
  document.addEventListener('keydown', event => {
    if (event.key === 'Escape') document.querySelectorAll('details.tg-drop[open]').forEach(drop => { drop.open = false; });
    if (event.key === 'Enter' && event.target.matches('[data-tg-no-enter] input')) { event.preventDefault(); return; }   // a field never decides
    if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
    if (event.key === '/') {
      const box = document.querySelector('.tg-search input[type=search]');
      if (box) { event.preventDefault(); box.focus(); }
      return;
    }
    if (event.key === 'Enter' && event.target.closest('a, button, summary')) return;
    const target = document.querySelector('[data-tg-key="' + CSS.escape(event.key) + '"]');
    if (target && !target.disabled) { event.preventDefault(); target.click(); }
    else if (/^[jkx]$/.test(event.key)) walk(event.key);
  });

  // rows by keys: j and k go down and up, Enter opens (the row's link has the focus), x picks
  function walk(key) {
    const links = [...document.querySelectorAll('.tg-rows tbody tr')].map(row => row.querySelector('a[href]')).filter(Boolean);
    const at = links.findIndex(link => link.closest('tr').contains(document.activeElement));
    const box = key === 'x' && at >= 0 && links[at].closest('tr').querySelector('[data-tg-pick]');
    if (box) box.click();
    const next = key === 'x' ? null : links[key === 'j' ? at + 1 : Math.max(at - 1, 0)];
    if (next) { next.focus(); next.closest('tr').scrollIntoView({ block: 'nearest' }); }
  }

  // the keys that this page has of its own, in the dialog that names keys
  function nameKeys() {
    const list = document.querySelector('[data-tg-keys]');
    const own = [...document.querySelectorAll('[data-tg-key]')].filter(one => one.dataset.tgKey !== '?' && one.getClientRects().length);
    list.replaceChildren(...own.flatMap(one => {
      const key = document.createElement('dt'), word = document.createElement('dd');
      key.appendChild(document.createElement('kbd')).textContent = one.dataset.tgKey;
      word.textContent = (one.getAttribute('aria-label') || one.textContent).trim();
      return [key, word];
    }));
    list.previousElementSibling.hidden = own.length === 0;
  }

  // a filter that is chosen applies at once; empty ones do not clutter the address
  document.addEventListener('change', event => {
    if (event.target.matches('[data-tg-submit]')) event.target.form.requestSubmit();
    const column = event.target.closest('[data-tg-column]');
    if (column) showColumns();
  });
  document.addEventListener('submit', event => {
    if (event.target.method !== 'get') return;
    event.target.querySelectorAll('input, select').forEach(field => { if (field.name && field.value === '') field.disabled = true; });
  });
  addEventListener('pageshow', () => document.querySelectorAll('form[method=get] :disabled').forEach(field => { field.disabled = false; }));

  // columns: <input type=checkbox data-tg-column="phone"> shows or hides the cells of that column; the server keeps the choice
  function showColumns() {
    document.querySelectorAll('[data-tg-column]').forEach(box => {
      document.querySelectorAll('[data-col="' + box.dataset.tgColumn + '"]').forEach(cell => { cell.hidden = !box.checked; });
    });
    fit();
  }
  document.addEventListener('htmx:afterSwap', showColumns);   // a totals row that came later has columns too

  // a table wider than the page scrolls in its own box; its head then no longer sticks to the page
  function fit() {
    document.querySelectorAll('.tg-rows').forEach(box => {
      box.classList.remove('tg-overflows');
      const table = box.querySelector('table');
      box.classList.toggle('tg-overflows', !!table && table.scrollWidth > box.clientWidth + 1);
    });
  }
  fit();
  addEventListener('resize', fit);

  // rows: [data-tg-pick] boxes, [data-tg-pick-page] in the head, [data-tg-bulk] shown while something is picked
  document.addEventListener('change', event => {
    const all = event.target.closest('[data-tg-pick-page]');
    if (all) document.querySelectorAll('[data-tg-pick]').forEach(box => { box.checked = all.checked; });
    if (all || event.target.closest('[data-tg-pick]')) picked();
  });
  document.addEventListener('click', event => {
    if (event.target.closest('[data-tg-pick-none]')) { document.querySelectorAll('[data-tg-pick], [data-tg-pick-page]').forEach(box => { box.checked = false; }); whole(false); picked(); }
    if (event.target.closest('[data-tg-pick-view]')) { whole(true); picked(); }
    if (event.target.closest('[data-tg-pick-only-page]')) { whole(false); picked(); }
  });
  function whole(on) {
    const field = document.querySelector('[data-tg-whole-view]');
    if (field) field.value = on ? '1' : '';
  }
  function picked() {
    const boxes = [...document.querySelectorAll('[data-tg-pick]')];
    const chosen = boxes.filter(box => box.checked);
    const bar = document.querySelector('[data-tg-bulk]');
    boxes.forEach(box => box.closest('tr').classList.toggle('sel', box.checked));
    const head = document.querySelector('[data-tg-pick-page]');
    if (head) { head.checked = boxes.length > 0 && chosen.length === boxes.length; head.indeterminate = chosen.length > 0 && !head.checked; }
    if (!bar) return;
    const view = document.querySelector('[data-tg-whole-view]');
    const wholeView = !!(view && view.value);
    bar.hidden = chosen.length === 0;
    bar.querySelectorAll('[data-tg-picked]').forEach(span => { span.textContent = chosen.length.toLocaleString('en-US'); });
    bar.querySelectorAll('[data-tg-when]').forEach(part => { part.hidden = part.dataset.tgWhen !== (wholeView ? 'view' : 'page'); });
  }

  // a print is told to the server: the mark in the page's footer says which page view it was
  addEventListener('beforeprint', () => {
    const foot = document.querySelector('[data-tg-printed]'), token = document.querySelector('input[name=csrfmiddlewaretoken]');
    if (!foot || !token) return;
    const form = new FormData();
    form.set('csrfmiddlewaretoken', token.value);
    form.set('mark', foot.dataset.tgMark);
    fetch(foot.dataset.tgPrinted, { method: 'POST', body: form, keepalive: true });
  });

  // an htmx request that needs signing in again moves the whole window (the server says so); a failed one says it failed
  document.addEventListener('htmx:responseError', event => {
    const box = event.target.closest('[data-tg-failed]');
    if (box) box.textContent = box.dataset.tgFailed;
  });
  document.addEventListener('htmx:configRequest', event => {
    const token = document.querySelector('input[name=csrfmiddlewaretoken]');
    if (token && event.detail.verb !== 'get') event.detail.headers['X-CSRFToken'] = token.value;
  });
})();
