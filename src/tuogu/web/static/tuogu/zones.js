// Zones on the map: communities as dots, zones as polygons, and a small editor: click corners, close, drag, save. No tiles, no
// request outside. The server sends degrees and the plane to draw them on; corners go back as degrees. Texts come with the data.
(function () {
  const CORNERS_MIN = 3, DOT_MIN = 4, DOT_MAX = 13;

  document.querySelectorAll('[data-tg-zones]').forEach(element => {
    fetch(element.dataset.tgZones, { headers: { Accept: 'application/json' } })
      .then(answer => { if (!answer.ok) throw new Error(answer.status); return answer.json(); })
      .then(data => draw(element, data))
      .catch(() => { element.textContent = element.dataset.tgFailed || ''; element.classList.add('tg-map-failed'); });
  });

  function draw(element, data) {
    const plane = data.plane;
    const at = point => [(point[1] - plane.latitude) * plane.scale[1], (point[0] - plane.longitude) * plane.scale[0]];
    const back = spot => [spot.lng / plane.scale[0] + plane.longitude, spot.lat / plane.scale[1] + plane.latitude];
    const byMouse = !matchMedia('(pointer: coarse)').matches;      // on a phone one finger scrolls the page
    const map = L.map(element, {
      crs: L.CRS.Simple, attributionControl: false, scrollWheelZoom: false, dragging: byMouse, zoomSnap: 0.1, zoomDelta: 0.7,
      minZoom: -14, maxZoom: 2, zoomAnimation: false, fadeAnimation: false, doubleClickZoom: false,
    });
    L.control.scale({ imperial: false, position: 'bottomleft' }).addTo(map);
    const own = element.dataset.tgZone || '';
    const most = Math.max(1, ...data.places.map(place => place.n));
    const zones = data.zones.map((zone, i) => L.polygon(zone.ring.map(at), { weight: 2, fillOpacity: 0.18, dashArray: own && String(zone.id) !== own ? '4 4' : null })
      .bindTooltip(text(zone.name), { sticky: true })
      .on('click', event => { if (!drawing) location.assign(zone.url); else place(event); })
      .addTo(map));
    const dots = data.places.map(spot => L.circleMarker(at(spot.at), { radius: DOT_MIN + (DOT_MAX - DOT_MIN) * Math.sqrt(spot.n / most), weight: 1, fillOpacity: 0.85 })
      .bindTooltip(() => text(spot.name, spot.n.toLocaleString('en-US') + ' ' + data.words.pieces, data.words[spot.state] || ''), { sticky: true })
      .on('click', event => { if (!drawing) location.assign(spot.url); else place(event); })
      .addTo(map));
    const lone = data.zones.find(zone => String(zone.id) === own);
    const points = (lone ? lone.ring : data.places.map(spot => spot.at).concat(data.zones.flatMap(zone => zone.ring))).map(at);
    map.fitBounds(points.length ? L.latLngBounds(points) : L.latLngBounds([[0, 0], [1000, 1000]]), { padding: [18, 18] });

    function paint() {
      zones.forEach((shape, i) => shape.setStyle({ color: tg.v('c' + i % 8), fillColor: tg.v('c' + i % 8) }));
      dots.forEach((dot, i) => {
        const state = data.places[i].state;
        dot.setStyle({ color: tg.v('edge'), fillColor: state === 'gap' ? '#d08a2e' : state === 'double' ? '#c5453c' : tg.v('ink-3') });
      });
    }

    // the editor
    const form = document.querySelector('[data-tg-zone-form]');
    let drawing = false, corners = [], marks = [], shape = null;
    if (form) {
      const find = name => form.querySelector('[data-tg-zone-' + name + ']');
      const hint = find('hint'), start = find('start'), undo = find('back'), save = find('save');
      const known = document.getElementById('zone-ring');
      if (known) { corners = JSON.parse(known.textContent).map(at).map(([y, x]) => L.latLng(y, x)); show(); }
      start.addEventListener('click', () => { corners = []; begin(true); show(); });
      undo.addEventListener('click', () => { corners.pop(); show(); });
      map.on('click', event => place(event));
      map.on('dblclick', () => { if (drawing && corners.length >= CORNERS_MIN) begin(false); });
      form.addEventListener('submit', () => { form.elements.ring.value = JSON.stringify(corners.map(back)); });

      function begin(on) {
        drawing = on;
        element.classList.toggle('tg-drawing', on);
        undo.hidden = !on;
        hint.textContent = on ? hint.dataset.drawing : hint.dataset.idle;
      }

      function show() {
        marks.forEach(mark => mark.remove());
        if (shape) shape.remove();
        shape = corners.length ? L.polygon(corners, { weight: 2, dashArray: '6 4', color: tg.v('accent-ink'), fillOpacity: 0.08, interactive: false }).addTo(map) : null;
        marks = corners.map((corner, i) => L.marker(corner, {
          draggable: true, keyboard: false, alt: data.words.corner + ' ' + (i + 1),
          icon: L.divIcon({ className: 'tg-corner' + (i ? '' : ' first'), iconSize: [13, 13] }),
        }).on('drag', event => { corners[i] = event.latlng; shape.setLatLngs(corners); })
          .on('click', () => { if (drawing && !i && corners.length >= CORNERS_MIN) begin(false); })
          .addTo(map));
        save.disabled = corners.length < CORNERS_MIN;
      }

      form.tgPlace = spot => { corners.push(spot); show(); };
    }

    function place(event) {
      if (!drawing || !form) return;
      L.DomEvent.stopPropagation(event);
      const last = corners[corners.length - 1];
      if (last && map.latLngToContainerPoint(last).distanceTo(map.latLngToContainerPoint(event.latlng)) < 5) return;   // a double click
      form.tgPlace(event.latlng);
    }

    function text(...lines) {
      const box = document.createElement('span');
      lines.filter(Boolean).forEach((line, i) => { if (i) box.append(document.createElement('br')); box.append(line); });
      return box;
    }

    const foot = element.parentElement.querySelector('[data-tg-map-foot]');
    if (foot && data.synthetic) foot.prepend(foot.dataset.synthetic + ' ');
    paint();
    tg.redraw.push(paint);
  }
})();
