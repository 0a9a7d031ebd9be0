// Maps of the ground, drawn on canvas from what the server sends: no tiles, no request outside. Texts come with the data.
// <div data-tg-map="url" data-tg-map-switch="id of a .tg-seg"> shows {places, people, words, missing, synthetic};
// modes: who (fill of the person who serves), now (who serves today), load (by policies). Metres on a plane: CRS.Simple.
(function () {
  const NAME_TRIES = 6;                                    // communities over which a person's name may stand
  const SHIFTS = [[0, -15], [0, 15], [1, 0], [-1, 0], [0, -30], [0, 30]];   // px; ±1 = half of the label's width

  document.querySelectorAll('[data-tg-map]').forEach(element => {
    fetch(element.dataset.tgMap, { headers: { Accept: 'application/json' } })
      .then(answer => { if (!answer.ok) throw new Error(answer.status); return answer.json(); })
      .then(data => draw(element, data))
      .catch(() => { element.textContent = element.dataset.tgFailed || ''; element.classList.add('tg-map-failed'); });
  });

  function draw(element, data) {
    const at = point => [point[1], point[0]];
    const byMouse = !matchMedia('(pointer: coarse)').matches;      // on a phone one finger scrolls the page
    const map = L.map(element, {
      crs: L.CRS.Simple, preferCanvas: true, attributionControl: false, scrollWheelZoom: false, dragging: byMouse,
      zoomSnap: 0.1, zoomDelta: 0.7, minZoom: -14, maxZoom: 2, zoomAnimation: false, fadeAnimation: false,
    });
    L.control.scale({ imperial: false, position: 'bottomleft' }).addTo(map);
    const most = Math.max(1, ...data.places.map(place => place.n));
    const cells = data.places.map(place => L.polygon(place.ring.map(at), { weight: 1, smoothFactor: 0 })
      .bindTooltip(() => tip(place), { sticky: true })
      .on('click', () => { if (place.url) location.assign(place.url); })
      .addTo(map));
    const moved = data.places.map((place, i) => place.now >= 0 && place.now !== place.who ? cells[i] : null);
    const pins = data.people.filter(person => person.home).map(person => pin(person, at(person.home)).addTo(map));
    const names = L.layerGroup().addTo(map);
    let near = -1;                                         // whose ground fills the map, -1 = everybody's
    const points = data.places.flatMap(place => place.ring.map(at)).concat(data.people.filter(p => p.home).map(p => at(p.home)));
    const whole = points.length ? L.latLngBounds(points) : L.latLngBounds([[0, 0], [1000, 1000]]);
    map.fitBounds(whole, { padding: [10, 10] });

    let mode = element.dataset.tgMapMode || (data.people.some(p => p.colour !== null && p.colour !== undefined) ? 'who' : 'load');
    let lit = -1;                                          // a person whose ground is lit up, -1 = nobody
    const owner = place => mode === 'now' ? place.now : place.who;

    function paint() {
      data.places.forEach((place, i) => {
        const person = owner(place);
        const colour = person >= 0 ? data.people[person].colour : null;
        const fill = mode === 'load' || mode === 'homes' ? tg.v('c0') : tg.v(colour === null || colour === undefined ? 'c-none' : 'c' + colour);
        const strength = mode === 'load' ? 0.22 + 0.78 * place.n / most : mode === 'homes' ? 0.25 : lit >= 0 && person !== lit ? 0.25 : 0.92;
        const strong = mode === 'who' && moved[i];
        cells[i].setStyle({ color: strong ? tg.v('ink') : tg.v('edge'), weight: strong ? 2.5 : 1, fillColor: fill, fillOpacity: strength });
      });
      moved.forEach(cell => { if (cell && mode === 'who') cell.bringToFront(); });
      pins.forEach(mark => { if (mark.setStyle) mark.setStyle({ color: '#fff', fillColor: '#17202b' }); if (mark.bringToFront) mark.bringToFront(); });
      write();
    }

    // a person's own ground large; asked again, the whole map
    function lookAt(person) {
      const own = data.places.filter(place => owner(place) === person).flatMap(place => place.ring.map(at));
      near = near === person || !own.length ? -1 : person;
      map.fitBounds(near < 0 ? whole : L.latLngBounds(own), { padding: [24, 24] });
      element.scrollIntoView({ block: 'nearest' });
    }

    // names: people first, then communities with their policies; each where it covers nothing that stands already
    function write() {
      names.clearLayers();
      const size = map.getSize();
      const taken = data.people.filter(person => person.home).map(person => map.latLngToContainerPoint(at(person.home))).map(p => [p.x - 5, p.y - 5, p.x + 5, p.y + 5]);
      const own = data.people.map(() => []);
      data.places.forEach(place => { const person = owner(place); if (person >= 0) own[person].push(place); });
      if (mode === 'who' || mode === 'now') data.people.forEach((person, i) => {
        own[i].sort((a, b) => b.n - a.n);
        const spots = own[i].slice(0, NAME_TRIES).map(place => at(place.at));
        put(spots, person.name, 'who', 14, taken, size);
      });
      if (mode === 'homes') data.people.forEach(person => { if (person.home) put([at(person.home)], person.name, 'who', 12, taken, size); });
      [...data.places].sort((a, b) => b.n - a.n).forEach(place => put([at(place.at)], place.name + ' ' + place.n, 'n', 10.5, taken, size, [[0, 0], ...SHIFTS.slice(0, 2)]));
    }

    function put(spots, text, kind, high, taken, size, shifts) {
      const wide = [...text].reduce((sum, letter) => sum + (letter.charCodeAt(0) > 0x2E7F ? high : 0.58 * high), 0);
      for (const spot of spots) {
        const middle = map.latLngToContainerPoint(spot);
        for (const [right, down] of shifts || SHIFTS) {
          const x = middle.x + (Math.abs(right) === 1 ? right * (wide / 2 + 8) : right), y = middle.y + down;
          const box = [x - wide / 2 - 2, y - high * 0.62, x + wide / 2 + 2, y + high * 0.62];
          const outside = box[0] < 0 || box[1] < 0 || box[2] > size.x || box[3] > size.y;
          if (outside || taken.some(other => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) continue;
          taken.push(box);
          const label = document.createElement(kind === 'who' ? 'b' : 'span');
          label.textContent = text;
          L.marker(map.containerPointToLatLng([x, y]), {
            icon: L.divIcon({ className: 'tg-lab ' + kind, html: label, iconSize: [wide + 4, high + 2], iconAnchor: [wide / 2 + 2, high / 2 + 1] }),
            interactive: false, keyboard: false,
          }).addTo(names);
          return;
        }
      }
    }

    function pin(person, spot) {
      const told = person.name + (person.supervisor ? ' · ' + data.words.chief : '') + ' · ' + data.words.home;
      if (!person.supervisor) return L.circleMarker(spot, { radius: 4, weight: 1.5, fillOpacity: 1 }).bindTooltip(text(told));
      return L.marker(spot, { icon: L.divIcon({ className: 'tg-pin-chief', iconSize: [11, 11] }), keyboard: false }).bindTooltip(text(told));
    }

    function tip(place) {
      const lines = [place.title || place.district + ' ' + place.street + ' ' + place.community, place.n.toLocaleString('en-US') + ' ' + data.words.pieces];
      place.served.forEach(([person, count]) => lines.push(data.people[person].name + ' ' + count));
      if (place.served.length) lines.push(data.words.now + ' ' + (place.now >= 0 ? data.people[place.now].name : data.words.pool));
      return text(...lines);
    }

    function text(...lines) {
      const box = document.createElement('span');
      lines.forEach((line, i) => { if (i) box.append(document.createElement('br')); box.append(line); });
      return box;
    }

    const seg = document.getElementById(element.dataset.tgMapSwitch);
    if (seg) seg.addEventListener('tg:seg', event => { mode = event.detail; paint(); });
    document.querySelectorAll('[data-tg-person]').forEach(row => {
      const index = data.people.findIndex(person => person.number === row.dataset.tgPerson);
      row.addEventListener('mouseenter', () => { lit = index; paint(); });
      row.addEventListener('mouseleave', () => { lit = -1; paint(); });
      const zoom = row.querySelector('[data-tg-zoom]');
      if (zoom) zoom.addEventListener('click', () => lookAt(index));
    });
    const foot = element.parentElement.querySelector('[data-tg-map-foot]');
    if (foot) {
      if (data.synthetic) foot.prepend(foot.dataset.synthetic + ' ');
      if (data.missing) foot.append(' ' + foot.dataset.missing.replace('N', data.missing.toLocaleString('en-US')));
    }
    map.on('zoomend moveend resize', write);
    paint();
    tg.redraw.push(paint);
  }
})();
