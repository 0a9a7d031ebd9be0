// The log of a day on the phone: kept on the device, sealed, before it is sent, so that nothing that was written is lost.
(function () {
  const form = document.querySelector('[data-tg-log]'), box = self.tgOutbox;
  if (!form || !box || !box.able) return;                     // an old browser: a plain form
  const button = form.querySelector('button:not([type="button"])'), query = new URLSearchParams(location.search);
  if (!button) return;                                        // nothing can be filed for this day any more

  if (form.dataset.tgLog === 'blank') {                       // the worker serves it on any day
    const today = new Date(Date.now() + 8 * 3600000).toISOString().slice(0, 10);      // the day of China's clocks
    form.elements.day.value = query.get('day') || today;
    document.querySelectorAll('[data-tg-day]').forEach(part => { part.textContent = form.elements.day.value; });
  }

  function refuse(words) {
    const say = document.querySelector('[data-tg-refusal]');
    say.querySelector('span').textContent = words;
    say.hidden = false;
    say.scrollIntoView({ block: 'center' });
    button.disabled = false;
  }

  form.addEventListener('submit', async event => {
    event.preventDefault();
    button.disabled = true;
    const key = [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('');
    const body = { client_key: [key], kind: ['log'], customer: [''], shown: [form.elements.day.value] };
    for (const [name, value] of new FormData(form)) if (name !== 'csrfmiddlewaretoken') body[name] = [value];
    await self.tgPhone.hand(form, body, refuse, form.dataset.tgLog === 'blank' ? null : () => form.submit());
  });

  // a refused log comes back to be mended: /m/log/?again=<key>
  const again = query.get('again');
  if (again) box.list(self.tgPhone.who).then(held => {
    const row = held.own.find(each => each.key === again);
    return row ? box.said(row) : null;
  }).then(async body => {
    if (!body) return;
    Object.keys(body).forEach(name => { if (form.elements[name] && name !== 'client_key') form.elements[name].value = body[name][0]; });
    document.querySelectorAll('[data-tg-day]').forEach(part => { part.textContent = body.day[0]; });
    form.addEventListener('submit', () => box.drop(again), { once: true });
  }).catch(() => null);
})();
