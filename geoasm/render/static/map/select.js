// What is in view, what is in a rectangle or region: counts, hectares, and a table to take away.
geoasm.EARTH_M = 40075016.686; // along the equator, where the Mercator square is as wide as the Earth

// Counts of each group in a box of the world; a feature counts where its place is in the box.
geoasm.inside = function (layer, [west, north, east, south], region) {
  const found = [];
  layer.within(west, north, east, south, (f) => {
    const [x, y] = layer.at(f);
    if (x < west || x > east || y < north || y > south) return;
    if (!region || region.layer.contains(region.f, x, y)) found.push(f);
  });
  return found;
};

geoasm.box = function (bounds) {
  const [west, north] = geoasm.project(bounds.getWest(), Math.min(85, bounds.getNorth()));
  const [east, south] = geoasm.project(bounds.getEast(), Math.max(-85, bounds.getSouth()));
  return [west, north, east, south];
};

// Hectares of a polygon: what the run says, else by its vertices.
geoasm.hectares = function (layer, f) {
  const told = layer.area === null ? NaN : layer.columns[layer.area].amount(f);
  return Number.isNaN(told) ? geoasm.hectaresOf(layer, f) : told;
};

// Mercator's scales on the ellipsoid, along the meridian and across, are undone at the middle of the feature.
geoasm.hectaresOf = function (layer, f) {
  let twice = 0;
  for (let r = layer.ringStart[f]; r < layer.ringStart[f + 1]; r++) {
    const to = layer.vertexStart[r + 1];
    let ring = 0;
    for (let a = layer.vertexStart[r], b = to - 1; a < to; b = a++) {
      ring += layer.xy[2 * b] * layer.xy[2 * a + 1] - layer.xy[2 * a] * layer.xy[2 * b + 1];
    }
    twice += ring;
  }
  const middle = Math.PI * (1 - (layer.boxes[4 * f + 1] + layer.boxes[4 * f + 3]) / geoasm.WORLD);
  const scale = geoasm.EARTH_M / geoasm.WORLD / Math.cosh(middle);
  const squared = geoasm.FLATTENING * (2 - geoasm.FLATTENING);
  const flattened = (1 - squared) / (1 - squared * Math.tanh(middle) ** 2) ** 2;
  return (Math.abs(twice) / 2) * scale * scale * flattened / 1e4;
};

// As the columns write numbers, with three decimals at most.
geoasm.number = function (value) {
  const text = String(Number(Math.abs(value).toFixed(3)));
  const decimals = (text.split(".")[1] || "").length;
  return geoasm.digits(Math.round(value * 10 ** decimals), decimals, true);
};

// How many of each line of the legend stand in the view.
geoasm.countView = function () {
  const box = geoasm.box(geoasm.map.getBounds());
  for (const layer of geoasm.layers) {
    const counts = layer.groups.map(() => 0);
    layer.within(...box, (f) => { counts[layer.member[f]] += 1; });
    layer.groups.forEach((group, g) => {
      const place = document.querySelector(`[data-group="${CSS.escape(group.id)}"] ~ .view`);
      if (place) place.textContent = layer.ready || !layer.size ? geoasm.number(counts[g]) : "…";
    });
  }
};

// A rectangle by its corners: dragged with a mouse, or touched one after the other.
geoasm.Rectangle = class {
  constructor(map) {
    Object.assign(this, { map, corner: null, rubber: L.layerGroup().addTo(map) });
    this.listeners = {
      mousedown: (event) => this.press(event.latlng),
      mousemove: (event) => this.show(event.latlng),
      mouseup: (event) => this.lift(event.latlng),
      click: (event) => this.touch(event.latlng),
    };
  }

  start() {
    const { map } = this;
    const { words } = geoasm;
    geoasm.take({ stop: () => this.stop(), key: (key) => this.key(key) });
    document.getElementById("select").setAttribute("aria-pressed", "true");
    map.dragging.disable();
    map.on(this.listeners);
    geoasm.task(words.select_hint, [[words.cancel, () => geoasm.release()]]);
  }

  // Space sets a corner at the centre of the map, which arrows move.
  key(key) {
    if (key === " ") this.touch(this.map.getCenter());
    return key === " ";
  }

  press(place) {
    this.pressed = place;
    this.corner = this.corner || place;
  }

  show(place) {
    if (!this.corner) return;
    this.rubber.clearLayers();
    this.rubber.addLayer(L.rectangle([this.corner, place], geoasm.OUTLINE));
  }

  lift(place) {
    if (this.pressed && this.isApart(this.pressed, place)) this.end(place);
  }

  touch(place) {
    if (!geoasm.mode) return;
    if (this.corner && this.isApart(this.corner, place)) this.end(place);
    else this.corner = place;
  }

  isApart(a, b) {
    const [p, q] = [a, b].map((place) => this.map.latLngToContainerPoint(place));
    return Math.min(Math.abs(p.x - q.x), Math.abs(p.y - q.y)) > 4;
  }

  end(place) {
    const bounds = L.latLngBounds(this.corner, place);
    geoasm.release();
    geoasm.choose({ bounds });
  }

  stop() {
    document.getElementById("select").setAttribute("aria-pressed", "false");
    this.map.dragging.enable();
    this.map.off(this.listeners);
    this.rubber.remove();
  }
};

geoasm.selecting = function (map) {
  const button = (id, act) => document.getElementById(id).addEventListener("click", act);
  const region = document.getElementById("region");
  const ofRegion = document.getElementById("select-region");
  button("select", (event) => {
    if (event.target.getAttribute("aria-pressed") === "true") geoasm.release();
    else new geoasm.Rectangle(map).start();
  });
  button("select-view", () => geoasm.choose({ bounds: map.getBounds() }));
  if (ofRegion) {
    const free = () => { ofRegion.disabled = region.value === ""; };
    region.addEventListener("change", free);
    button("select-region", () => geoasm.choose({ region: Number(region.value) }));
    free();
  }
  geoasm.states.push({ key: "sel", late: true, write: geoasm.choiceText, read: geoasm.choiceOf });
};

// Select what is in { bounds }, in a { region } or found by a { query }; null selects nothing.
geoasm.choose = async function (choice) {
  if (geoasm.outlined) geoasm.outlined.remove();
  geoasm.chosen = choice;
  geoasm.outlined = null;
  document.getElementById("selection").replaceChildren();
  geoasm.remember();
  if (!choice) return;
  geoasm.openPane("selecting");
  if (choice.query && !geoasm.isSearchable) await geoasm.searchable;
  if (geoasm.layers.some((one) => !one.isWhole)) await geoasm.whole();
  if (geoasm.chosen !== choice) return;
  if (choice.query) choice.found = geoasm.find(choice.query, Infinity).rows;
  geoasm.outlined = geoasm.outlineOf(choice).addTo(geoasm.map);
  geoasm.tell();
};

geoasm.MOST_OUTLINED = 500; // features that a search found; outlines of more would hide the map, and some would mislead

geoasm.outlineOf = function (choice) {
  if (choice.bounds) return L.rectangle(choice.bounds, geoasm.OUTLINE);
  if (!choice.query) return L.polyline(geoasm.ringsOf(geoasm.layer("context:admin:polygon"), choice.region), geoasm.OUTLINE);
  const rows = choice.found.length > geoasm.MOST_OUTLINED ? [] : choice.found;
  const points = rows.filter(({ layer }) => layer.isPoint);
  const style = { ...geoasm.OUTLINE, dashArray: null };
  return L.layerGroup([
    L.polyline(rows.filter(({ layer }) => !layer.isPoint).flatMap(({ layer, f }) => geoasm.ringsOf(layer, f)), style),
    ...points.map(({ layer, f }) => L.circleMarker(geoasm.unproject(...layer.at(f)), { ...style, radius: 9 })),
  ]);
};

// What of a layer is in the selection.
geoasm.chosenOf = function (layer) {
  const { bounds, region, found } = geoasm.chosen;
  const admin = geoasm.layer("context:admin:polygon");
  let features = [];
  if (found) features = found.filter((row) => row.layer === layer).map((row) => row.f);
  else if (bounds) features = geoasm.inside(layer, geoasm.box(bounds), null);
  else features = geoasm.inside(layer, [...admin.boxes.subarray(4 * region, 4 * region + 4)], { layer: admin, f: region });
  return features.filter((f) => layer.isShown(f));
};

geoasm.ringsOf = function (layer, f) {
  const rings = [];
  for (let r = layer.ringStart[f]; r < layer.ringStart[f + 1]; r++) {
    const ring = [];
    for (let v = layer.vertexStart[r]; v < layer.vertexStart[r + 1]; v++) {
      ring.push(geoasm.unproject(layer.xy[2 * v], layer.xy[2 * v + 1]));
    }
    rings.push([...ring, ring[0]]);
  }
  return rings;
};

geoasm.choiceTitle = function ({ query, region }) {
  if (query) return geoasm.say("select_found", { query });
  return region === undefined ? null : geoasm.regionTitle(geoasm.layer("context:admin:polygon"), region);
};

// A choice in an address: a search after «?», a region by its name, a rectangle by west, south, east and north.
geoasm.choiceText = function () {
  const { chosen } = geoasm;
  if (!chosen) return null;
  if (chosen.query) return `?${chosen.query}`;
  if (chosen.bounds) return chosen.bounds.toBBoxString().split(",").map((v) => Number(v).toFixed(5)).join(",");
  return geoasm.layer("context:admin:polygon").title(chosen.region, "/");
};

geoasm.choiceOf = function (text) {
  const layer = geoasm.layer("context:admin:polygon");
  const [west, south, east, north] = (text || "").split(",").map(Number);
  if (text === geoasm.choiceText()) return;
  if (text && text.startsWith("?")) {
    geoasm.choose({ query: text.slice(1) });
    return;
  }
  if (west < east && south < north && Math.abs(west) <= 360 && Math.abs(east) <= 360) {
    geoasm.choose({ bounds: L.latLngBounds([south, west], [north, east]) });
    return;
  }
  const region = layer && text ? [...Array(layer.size).keys()].find((f) => layer.title(f, "/") === text) : undefined;
  geoasm.choose(region === undefined ? null : { region });
};

// From the widest region that holds it to its own name.
geoasm.regionTitle = function (layer, f) {
  return [layer.subtitle, layer.name].map((column) => layer.columns[column].at(f)).filter(Boolean).join(" › ");
};

geoasm.counted = function (layer, features) {
  const counts = new Map();
  for (const f of features) {
    const told = counts.get(layer.member[f]) || { n: 0, ha: 0 };
    told.n += 1;
    if (layer.kind === "polygon") told.ha += geoasm.hectares(layer, f);
    counts.set(layer.member[f], told);
  }
  return [...counts].sort((a, b) => a[0] - b[0]);
};

// The selection in words, and the buttons that take it away as a file; again when the legend changes.
geoasm.tell = function () {
  const { words, chosen } = geoasm;
  const out = document.getElementById("selection");
  out.replaceChildren();
  if (!chosen) return;
  const rows = [];
  const list = geoasm.element("dl");
  for (const layer of [...geoasm.layers].reverse().filter((l) => chosen.query || !l.id.startsWith("context"))) {
    const features = geoasm.chosenOf(layer);
    for (const f of features) rows.push([layer, f]);
    for (const [g, told] of geoasm.counted(layer, features)) {
      list.append(geoasm.element("dt", layer.groups[g].label));
      const area = layer.kind === "polygon" ? ` · ${geoasm.number(Math.round(told.ha))} ha` : "";
      list.append(geoasm.element("dd", geoasm.number(told.n) + area));
    }
  }
  const title = geoasm.choiceTitle(chosen);
  if (title) out.append(geoasm.element("p", title, "chosen"));
  const clear = geoasm.button(words.select_clear, () => {
    geoasm.choose(null);
    document.getElementById("select-view").focus();
  });
  clear.id = "select-clear";
  if (!rows.length) {
    out.append(geoasm.element("p", words.select_nothing), clear);
    return;
  }
  const csv = geoasm.button(words.select_csv, () => geoasm.save(geoasm.table(rows), "csv", "text/csv;charset=utf-8"));
  const geojson = geoasm.button(words.select_geojson, () => geoasm.save(geoasm.geojson(rows), "geojson", "application/geo+json"));
  csv.id = "save-csv";
  geojson.id = "save-geojson";
  const buttons = geoasm.element("p", null, "buttons");
  buttons.append(csv, geojson, clear);
  out.append(buttons, list, geoasm.element("p", chosen.query ? words.select_note_found : words.select_note, "hint"));
};

geoasm.tools.push(geoasm.selecting);
