/* A photo of a signed page: where the browser can read QR codes, the page codes are filled in for the person to check. */
(() => {
  'use strict';
  const form = document.querySelector('[data-tg-scan]');
  if (!form || !('BarcodeDetector' in window) || !window.createImageBitmap) return;
  const said = form.querySelector('[data-tg-scan-said]'), codes = form.querySelector('[name=codes]');
  form.querySelector('[type=file]').addEventListener('change', async event => {
    const file = event.target.files[0];
    said.textContent = '';
    if (!file || !file.type.startsWith('image/')) return;
    let found = [];
    try {
      const picture = await createImageBitmap(file);
      found = (await new BarcodeDetector({ formats: ['qr_code'] }).detect(picture)).map(one => one.rawValue);
    } catch (unreadable) { found = []; }
    if (found.length) codes.value = [...new Set([...codes.value.split('\n').filter(Boolean), ...found])].join('\n');
    said.textContent = found.length ? said.dataset.found : said.dataset.none;
  });
})();
