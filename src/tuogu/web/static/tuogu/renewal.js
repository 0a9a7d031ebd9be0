// A talk about a renewal: one tap says what the customer wants. It is kept on the device, sealed, before it is sent.
(function () {
  const form = document.querySelector('[data-tg-renewal]'), box = self.tgOutbox;
  if (!form || !box || !box.able) return;                     // an old browser: a plain form
  const field = name => form.elements[name], taps = [...form.querySelectorAll('button[name="intention"]')];

  // ---- a talk is named here, once for each time that the page is opened: a kept page may be opened twice
  function fresh() {
    field('client_key').value = [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('');
  }
  const busy = on => taps.forEach(button => { button.disabled = on; });
  fresh();
  addEventListener('pageshow', event => { if (event.persisted) { fresh(); busy(false); } });
  const inPath = /^\/m\/renewals\/(\d+)\/$/.exec(location.pathname);    // the worker may serve the empty form here
  if (!field('renewal').value && inPath) field('renewal').value = inPath[1];

  function refuse(words) {
    const say = document.querySelector('[data-tg-refusal]');
    say.querySelector('span').textContent = words;
    say.hidden = false;
    say.scrollIntoView({ block: 'center' });
    busy(false);
  }

  form.addEventListener('submit', async event => {
    event.preventDefault();
    const tap = event.submitter;
    if (!tap || tap.name !== 'intention') return;              // Enter in a field names no intention
    const body = { customer: [''], intention: [tap.value], happened_at: [new Date().toISOString()], offline: [navigator.onLine === false ? '1' : ''] };
    for (const [name, value] of new FormData(form)) if (name !== 'csrfmiddlewaretoken' && name !== 'intention') body[name] = [value];
    busy(true);
    function plain() {                                         // submit() alone would not name the button
      const chosen = document.createElement('input');
      Object.assign(chosen, { type: 'hidden', name: 'intention', value: tap.value });
      form.append(chosen);
      form.submit();
    }
    await self.tgPhone.hand(form, body, refuse, form.dataset.tgRenewal === 'blank' ? null : plain);
  });

  // ---- a refused talk comes back to be mended: /m/renewals/<policy>/?again=<key>
  const again = new URLSearchParams(location.search).get('again');
  if (again) box.list(self.tgPhone.who).then(held => {
    const row = held.own.find(each => each.key === again);
    return row ? box.said(row) : null;
  }).then(body => {
    if (!body) return;
    field('client_key').value = again;
    for (const name of Object.keys(body)) if (/^(card_.*|note|kind)$/.test(name) && field(name)) field(name).value = body[name][0];
    if (form.querySelector('details [name]')) form.querySelector('details').open = true;
  }).catch(() => null);
})();
