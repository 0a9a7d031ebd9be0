// The address desk: '/' goes to the search of the code book, and the next address is fetched ahead, so that it stands there at
// once when a decision is sent. What the server answers then takes its place; a refusal brings the address back.
(function () {
  const desk = document.getElementById('desk');
  if (!desk) return;
  const typing = target => target.isContentEditable || /INPUT|TEXTAREA|SELECT/.test(target.tagName);
  let ahead = '';                                        // the middle of the next page

  document.addEventListener('keydown', event => {
    const box = document.getElementById('desk-search');
    if (event.key !== '/' || !box || typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    box.focus();
  }, true);

  if (desk.dataset.tgNext) setTimeout(() => {
    fetch(desk.dataset.tgNext, { headers: { Purpose: 'prefetch' } })
      .then(answer => answer.ok ? answer.text() : '')
      .then(text => {
        const work = text && new DOMParser().parseFromString(text, 'text/html').querySelector('[data-tg-work]');
        ahead = work ? work.innerHTML : '';
      })
      .catch(() => { ahead = ''; });
  }, 250);

  document.addEventListener('submit', event => {
    const form = event.target;
    if (!form.matches('[data-tg-decides]')) return;
    if (form.dataset.sent) { event.preventDefault(); return; }   // a key held down decides once
    form.dataset.sent = '1';
    if (!ahead) return;
    const work = document.querySelector('[data-tg-work]');
    setTimeout(() => {                                   // after the form has been read
      work.innerHTML = ahead;
      work.querySelectorAll('button, input, a').forEach(field => { field.setAttribute('aria-disabled', 'true'); field.disabled = true; });
      work.setAttribute('aria-busy', 'true');
    }, 0);
  });
})();
