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

// Hectares of a polygon by its vertices: Mercator's scale is undone at its middle, good to 0.1 % in a right.
geoasm.hectares = function (layer, f) {
  let twice = 0;
  for (let r = layer.ringStart[f]; r < layer.ringStart[f + 1]; r++) {
    const to = layer.vertexStart[r + 1];
    let ring = 0;
    for (let a = layer.vertexStart[r], b = to - 1; a < to; b = a++) {
      ring += layer.xy[2 * b] * layer.xy[2 * a + 1] - layer.xy[2 * a] * layer.xy[2 * b + 1];
    }
    twice += ring;
  }
  const middle = (layer.boxes[4 * f + 1] + layer.boxes[4 * f + 3]) / 2;
  const scale = geoasm.EARTH_M / geoasm.WORLD / Math.cosh(Math.PI * (1 - (2 * middle) / geoasm.WORLD));
  return (Math.abs(twice) / 2) * scale * scale / 1e4;
};

geoasm.number = function (value) {
  return new Intl.NumberFormat(geoasm.words.number_format).format(value);
};

// How many of each line of the legend stand in the view.
geoasm.countView = function () {
  const box = geoasm.box(geoasm.map.getBounds());
  for (const layer of geoasm.layers) {
    const counts = layer.groups.map(() => 0);
    layer.within(...box, (f) => { counts[layer.member[f]] += 1; });
    layer.groups.forEach((group, g) => {
      const place = document.querySelector(`[data-group="${CSS.escape(group.id)}"] ~ .view`);
      if (place) place.textContent = geoasm.number(counts[g]);
    });
  }
};

geoasm.selecting = function () {
  const { map } = geoasm;
  const button = document.getElementById("select");
  const region = document.getElementById("region");
  let corner = null;
  let shape = null;
  const stop = () => {
    button.setAttribute("aria-pressed", "false");
    map.dragging.enable();
    map.getContainer().classList.remove("selecting");
    corner = null;
  };
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-pressed") === "true") { stop(); return; }
    button.setAttribute("aria-pressed", "true");
    map.dragging.disable();
    map.getContainer().classList.add("selecting");
  });
  map.on("mousedown", (event) => {
    if (button.getAttribute("aria-pressed") === "true") corner = event.latlng;
  });
  map.on("mousemove", (event) => {
    if (!corner) return;
    if (shape) shape.remove();
    shape = L.rectangle([corner, event.latlng], { color: "#0b5c8a", weight: 2, interactive: false }).addTo(map);
  });
  map.on("mouseup", (event) => {
    if (!corner) return;
    const bounds = L.latLngBounds(corner, event.latlng);
    stop();
    geoasm.selectedAt = Date.now();
    geoasm.tell(geoasm.box(bounds), null);
  });
  document.getElementById("select-view").addEventListener("click", () => {
    const layer = geoasm.layer("context:admin:polygon");
    const chosen = layer && region && region.value !== "" ? { layer, f: Number(region.value) } : null;
    const box = chosen ? [...layer.boxes.subarray(4 * chosen.f, 4 * chosen.f + 4)] : geoasm.box(map.getBounds());
    geoasm.tell(box, chosen);
  });
};

// The selection in words, and the button that takes it away as a table.
geoasm.tell = function (box, region) {
  const out = document.getElementById("selection");
  const rows = [];
  out.replaceChildren();
  const list = geoasm.element("dl");
  for (const layer of geoasm.layers.filter((l) => !l.id.startsWith("context"))) {
    const found = geoasm.inside(layer, box, region).filter((f) => layer.isShown(f));
    const counts = new Map();
    for (const f of found) {
      rows.push([layer, f]);
      const told = counts.get(layer.member[f]) || { n: 0, ha: 0 };
      told.n += 1;
      if (layer.kind === "polygon") told.ha += geoasm.hectares(layer, f);
      counts.set(layer.member[f], told);
    }
    for (const [g, told] of [...counts].sort((a, b) => a[0] - b[0])) {
      list.append(geoasm.element("dt", layer.groups[g].label));
      const area = layer.kind === "polygon" ? ` · ${geoasm.number(Math.round(told.ha))} ha` : "";
      list.append(geoasm.element("dd", geoasm.number(told.n) + area));
    }
  }
  if (!rows.length) {
    out.append(geoasm.element("p", geoasm.words.select_nothing));
    return;
  }
  out.append(list, geoasm.element("p", geoasm.words.select_note, "hint"));
  const save = geoasm.element("button", geoasm.words.select_save);
  save.type = "button";
  save.addEventListener("click", () => geoasm.save(geoasm.table(rows), "geoasm.csv"));
  out.append(save);
};

// A cell of a table: quoted where it must be; what a spreadsheet would run is text.
geoasm.cellOf = function (value) {
  const text = value === null || value === undefined ? "" : String(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",;\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
};

geoasm.table = function (rows) {
  const labels = [...new Set(rows.flatMap(([layer]) => layer.fields.map((field) => field.label)))];
  const { words } = geoasm;
  const lines = [[words.csv_layer, words.csv_group, words.csv_code, words.csv_name, words.csv_lat, words.csv_lon, ...labels]];
  for (const [layer, f] of rows) {
    const place = geoasm.unproject(...layer.at(f));
    const values = new Map(layer.fields.map((field) => [field.label, layer.value(field, f)]));
    const group = layer.groups[layer.member[f]];
    const own = [group.label, layer.columns[layer.name].at(f), layer.columns[layer.subtitle].at(f)];
    const at = [place.lat.toFixed(6), place.lng.toFixed(6)];
    lines.push([layer.id, ...own, ...at, ...labels.map((label) => values.get(label))]);
  }
  const quoted = lines.map((line, i) => line.map((v, k) => (i && (k === 4 || k === 5) ? v : geoasm.cellOf(v))).join(","));
  return `\uFEFF${quoted.join("\r\n")}\r\n`;
};

geoasm.save = function (text, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
};

geoasm.tools.push(geoasm.selecting);
