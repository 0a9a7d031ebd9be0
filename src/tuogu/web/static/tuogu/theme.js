// Runs in <head>: sets the theme before anything is drawn. `?theme=dark` asks for one page, the button keeps a choice.
(function () {
  const root = document.documentElement;
  const asked = new URLSearchParams(location.search).get('theme');
  let kept = null;
  try { kept = localStorage.getItem('tg-theme'); } catch (error) { /* private mode keeps nothing */ }
  root.setAttribute('data-bs-theme', asked || kept || 'light');

  window.tg = {
    redraw: [],                                   // charts and maps register a function here; called after a theme change
    v: name => getComputedStyle(root).getPropertyValue('--tg-' + name).trim(),
    data: id => JSON.parse(document.getElementById(id).textContent),   // what the server wrote with json_script
    setTheme(theme) {
      root.setAttribute('data-bs-theme', theme);
      try { localStorage.setItem('tg-theme', theme); } catch (error) { /* private mode keeps nothing */ }
      tg.redraw.forEach(draw => draw());
    },
  };
})();
