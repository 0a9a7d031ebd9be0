// The form of a record: shows what belongs to the kind and the outcome, takes place, photo and signature, keeps it, sends it.
(function () {
  const form = document.querySelector('[data-tg-record]');
  if (!form) return;
  const box = self.tgOutbox, field = name => form.elements[name];
  const chosen = name => { const on = form.querySelector('[name="' + name + '"]:checked'); return on ? on.value : ''; };
  const one = selector => form.querySelector(selector);

  // ---- a record is named here, once for each time that the form is opened
  function fresh() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    field('client_key').value = [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join('');
  }
  fresh();
  addEventListener('pageshow', event => { if (event.persisted) { fresh(); busy(false); } });
  const inPath = /^\/m\/customers\/([^/]+)\/record\/$/.exec(location.pathname);   // the worker may serve the empty form here
  if (!field('customer').value && inPath) field('customer').value = decodeURIComponent(inPath[1]);
  const asked = new URLSearchParams(location.search).get('kind');
  if (asked && form.dataset.tgRecord === 'blank') check('kind', asked);
  document.querySelectorAll('[data-tg-record-for]').forEach(e => { e.textContent = '…' + field('customer').value.slice(-4); });

  function check(name, value) {
    const input = form.querySelector('[name="' + name + '"][value="' + CSS.escape(value) + '"]');
    if (input) input.checked = true;
  }

  // ---- what belongs to the kind and the outcome
  function fit() {
    const kind = chosen('kind');
    form.querySelectorAll('[data-kinds]').forEach(label => {
      const fits = label.dataset.kinds.split(' ').indexOf(kind) >= 0, input = label.querySelector('input');
      label.hidden = !fits;
      if (input) { input.disabled = !fits; if (!fits) input.checked = false; }
    });
    if (!chosen('outcome')) {
      const first = one('[name="outcome"]:not(:disabled)');
      if (first) first.checked = true;
    }
    const words = [kind, chosen('outcome'), kind + '-' + chosen('outcome')];
    form.querySelectorAll('[data-show]').forEach(part => {
      const shown = part.dataset.show.split(' ').some(word => words.indexOf(word) >= 0);
      part.hidden = !shown;
      part.querySelectorAll('input, select, textarea').forEach(input => { if (!input.closest('[data-kinds]')) input.disabled = !shown; });
    });
    const next = one('[data-tg-next]');
    if (next && ['not_home', 'no_show', 'no_answer'].indexOf(chosen('outcome')) >= 0) next.open = true;
  }
  form.addEventListener('change', event => { if (/^(kind|outcome)$/.test(event.target.name)) fit(); });
  fit();

  form.addEventListener('click', event => {
    const button = event.target.closest('button');
    if (!button) return;
    if (button.dataset.tgDays) nextIn(Number(button.dataset.tgDays));
    if (button.dataset.tgFill) { const target = field(button.dataset.tgFill); target.value = button.dataset.tgText; target.dispatchEvent(new Event('input')); }
    if (button.dataset.tgAll) form.querySelectorAll('[name="' + button.dataset.tgAll + '"]').forEach(input => { input.checked = true; });
    if (button.hasAttribute('data-tg-place')) locate(button);
    if (button.hasAttribute('data-tg-clear')) clearPad();
  });

  // ---- the next appointment: so many days on, at the next half hour of now, in the chosen field to be changed
  const local = moment => new Date(moment - moment.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
  function nextIn(days) {
    const moment = new Date(Math.ceil(Date.now() / 1800000) * 1800000 + days * 86400000);
    field('next_at').value = local(moment);
    if (!chosen('next_kind')) check('next_kind', chosen('kind') === 'call' ? 'call' : 'visit');
  }
  field('next_at').addEventListener('change', () => { if (!chosen('next_kind')) check('next_kind', 'visit'); });

  // ---- the place: only when tapped, only with the customer's consent
  function locate(button) {
    const say = one('[data-tg-place-said]'), agreed = one('[data-tg-consent="location"]');
    if (agreed && !agreed.checked) { say.textContent = button.dataset.tgAskFirst; agreed.focus(); return; }
    if (!navigator.geolocation) { say.textContent = button.dataset.tgNone; return; }
    say.textContent = button.dataset.tgWait;
    navigator.geolocation.getCurrentPosition(found => {
      const at = found.coords;
      field('place').value = JSON.stringify({ lon: at.longitude, lat: at.latitude, accuracy_m: Math.round(at.accuracy), datum: 'WGS84' });
      say.textContent = button.dataset.tgDone.replace('0', Math.round(at.accuracy));
    }, () => { say.textContent = button.dataset.tgNone; }, { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 });
  }

  // ---- the photo is made small before it is kept; the signature is drawn
  const PIXELS = 1280;
  function smallPhoto(file) {
    return new Promise((done, fail) => {
      const reader = new FileReader();
      reader.onerror = fail;
      reader.onload = () => {
        const picture = new Image();
        picture.onerror = () => fail(new Error('picture'));
        picture.onload = () => {
          const scale = Math.min(1, PIXELS / Math.max(picture.width, picture.height)), canvas = document.createElement('canvas');
          canvas.width = Math.round(picture.width * scale);
          canvas.height = Math.round(picture.height * scale);
          canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
          done(canvas.toDataURL('image/jpeg', 0.72));
        };
        picture.src = reader.result;
      };
      reader.readAsDataURL(file);
    });
  }

  const pad = one('canvas[data-tg-pad]');
  let drawn = false;
  function clearPad() { drawn = false; if (pad) pad.getContext('2d').clearRect(0, 0, pad.width, pad.height); }
  if (pad) {
    const pen = pad.getContext('2d');
    const at = event => { const frame = pad.getBoundingClientRect(); return [(event.clientX - frame.left) * pad.width / frame.width, (event.clientY - frame.top) * pad.height / frame.height]; };
    pad.addEventListener('pointerdown', event => {
      event.preventDefault();
      pad.setPointerCapture(event.pointerId);
      pen.lineWidth = 4; pen.lineCap = pen.lineJoin = 'round'; pen.strokeStyle = '#111';
      pen.beginPath(); pen.moveTo(...at(event));
    });
    pad.addEventListener('pointermove', event => { if (event.buttons) { pen.lineTo(...at(event)); pen.stroke(); drawn = true; } });
  }
  function signature() {                                      // on white, so that it can be read in the dark theme and on paper
    const paper = document.createElement('canvas'), pen = paper.getContext('2d');
    paper.width = pad.width; paper.height = pad.height;
    pen.fillStyle = '#fff'; pen.fillRect(0, 0, paper.width, paper.height); pen.drawImage(pad, 0, 0);
    return paper.toDataURL('image/png');
  }

  // ---- everything that the form says, as lists of texts: what the server reads from any form
  async function collected() {
    const body = {};
    for (const [name, value] of new FormData(form)) {
      if (typeof value === 'string') { if (name !== 'csrfmiddlewaretoken') (body[name] = body[name] || []).push(value); }
      else if (value.size) body[name] = [await smallPhoto(value)];
    }
    if (drawn && !pad.closest('[hidden]')) body.signature = [signature()];
    body.happened_at = [field('happened_local') && field('happened_local').value ? '' : new Date().toISOString()];
    body.offline = [navigator.onLine === false ? '1' : ''];
    return body;
  }

  // a picture without the customer's consent would be refused by the server, perhaps hours later: say it now
  function unasked(body) {
    const given = body.consent || [];
    return ['photo', 'signature'].find(what => {
      const box = one('[data-tg-consent="' + what + '"]');
      return box && given.indexOf(what) < 0 && (body[what] || body[what + '_photo']);
    });
  }

  const button = document.querySelector('[data-tg-send]');
  function busy(on) { button.disabled = on; }
  function refuse(words) {
    const say = document.querySelector('[data-tg-refusal]');
    say.querySelector('span').textContent = words;
    say.hidden = false;
    say.scrollIntoView({ block: 'center' });
    busy(false);
  }

  form.addEventListener('submit', async event => {
    if (!box || !box.able) { busy(true); return; }            // an old browser: a plain form
    event.preventDefault();
    busy(true);
    const who = self.tgPhone.who;
    let body;
    try {
      body = await collected();
      if (unasked(body)) { refuse(form.dataset.tgUnasked); return; }
      await box.keep(who, body);
    } catch (error) {
      if (error && error.message === 'picture') { refuse(form.dataset.tgNoPicture); return; }       // what was written stays
      if (navigator.onLine === false) { refuse(form.dataset.tgCannotKeep); return; }
      if (form.dataset.tgRecord !== 'blank') form.submit(); else refuse(form.dataset.tgCannotKeep);
      return;
    }
    const key = body.client_key[0];
    const told = navigator.onLine === false ? {} : (await box.send(who, false).catch(() => ({})))[key] || {};
    if (told.state === 'sent') location.assign(told.url || form.dataset.tgOutboxUrl);
    else if (told.state === 'refused') { await box.drop(key); refuse(told.why || form.dataset.tgCannotKeep); }
    else { await self.tgPhone.later(); location.assign(form.dataset.tgOutboxUrl); }
  });

  // ---- a refused record comes back to be mended: /m/customers/<number>/record/?again=<key>
  const again = new URLSearchParams(location.search).get('again');
  if (again && box && box.able) {
    box.list(self.tgPhone ? self.tgPhone.who : document.querySelector('[data-tg-outbox]').dataset.tgWho).then(held => {
      const row = held.own.find(each => each.key === again);
      return row ? box.said(row) : null;
    }).then(body => {
      if (!body) return;
      field('client_key').value = again;
      ['kind', 'outcome'].forEach(name => (body[name] || []).forEach(value => { check(name, value); fit(); }));
      Object.keys(body).forEach(name => body[name].forEach(value => {
        const input = field(name);
        if (!input || /^(client_key|customer|photo|signature)$/.test(name)) return;
        if (input.type === 'file') return;
        if (input.length && !input.tagName || /checkbox|radio/.test(input.type)) check(name, value);
        else input.value = value;
      }));
      const corrects = one('[data-tg-corrects]');               // a correction stays one
      if (corrects && field('corrects').value) {
        corrects.hidden = false;
        field('why_corrected').disabled = false;
        field('why_corrected').value = (body.why_corrected || [''])[0];
      }
    }).catch(() => null);
  }
})();
