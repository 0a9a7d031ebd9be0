// The outbox page: each record kept on this device with its state. Rows are copied from a template of the page.
(function () {
  const list = document.querySelector('[data-tg-sent]');
  if (!list) return;
  const shape = document.getElementById('sent-row').content, box = self.tgOutbox;
  const words = JSON.parse(document.getElementById('sent-words').textContent);

  const notKept = document.querySelector('[data-tg-not-kept]');      // the worker shows this page for one that it has not kept
  if (notKept && location.pathname !== '/m/outbox/') notKept.hidden = false;

  async function row(kept) {
    const line = shape.cloneNode(true), part = name => line.querySelector('[data-tg-is="' + name + '"]');
    const body = await box.said(kept).catch(() => null);
    const when = new Date(kept.made);
    part('when').textContent = String(when.getHours()).padStart(2, '0') + ':' + String(when.getMinutes()).padStart(2, '0');
    part('state').textContent = words[kept.state];
    part('state').className = kept.state === 'sent' ? 'tg-good' : kept.state === 'waiting' ? 'tg-warn' : 'tg-bad';
    const renewal = body && body.renewal && body.renewal[0];
    part('what').textContent = body ? [renewal && words.renewal, words[body.kind && body.kind[0]], renewal ? body.shown[0] : body.shown && body.shown[0] || '…' + body.customer[0].slice(-4)].filter(Boolean).join(' · ') : words.record;
    part('why').textContent = kept.why;
    const mend = part('mend'), away = part('away'), see = part('see');
    see.hidden = !kept.url;
    if (kept.url) see.href = kept.url;
    mend.hidden = kept.state !== 'refused' || !body;
    if (body && body.kind && body.kind[0] === 'log') mend.href = '/m/log/?day=' + encodeURIComponent(body.day[0]) + '&again=' + kept.key;
    else if (renewal) mend.href = '/m/renewals/' + encodeURIComponent(renewal) + '/?again=' + kept.key;
    else if (body) mend.href = '/m/customers/' + encodeURIComponent(body.customer[0]) + '/record/?again=' + kept.key;
    away.hidden = kept.state === 'waiting' || kept.state === 'sent';
    away.addEventListener('click', async () => {
      if (kept.state === 'refused' && !away.dataset.tgSure) { away.dataset.tgSure = '1'; away.textContent = words.sure; return; }
      await box.drop(kept.key);
      self.tgPhone.show();
    });
    return line;
  }

  document.addEventListener('tg:outbox', async event => {
    const held = event.detail;
    document.querySelector('[data-tg-unable]').hidden = box.able;
    if (!held) return;
    const rows = [];
    for (const kept of held.own) rows.push(await row(kept));
    list.textContent = '';
    rows.forEach(line => list.append(line));
    list.hidden = !rows.length;
    document.querySelector('[data-tg-nothing]').hidden = rows.length > 0;
    const others = document.querySelector('[data-tg-others]');
    others.hidden = !held.others;
    others.querySelector('b').textContent = held.others;
  });
  const now = document.querySelector('[data-tg-send-now]');
  if (now) now.addEventListener('click', () => self.tgPhone.send());
  if (self.tgPhone) self.tgPhone.show();
})();
