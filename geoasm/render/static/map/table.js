// What is selected, to take away: a table for a spreadsheet, shapes for a GIS.

// Columns of both: [label, value(layer, f)].
geoasm.outputColumns = function (rows) {
  const { words } = geoasm;
  const labels = [...new Set(rows.flatMap(([layer]) => layer.fields.map((field) => field.label)))];
  const place = (layer, f) => geoasm.unproject(...layer.at(f));
  const fields = new Map(geoasm.layers.map((layer) => [layer, new Map(layer.fields.map((one) => [one.label, one]))]));
  const told = (label) => (layer, f) => {
    const field = fields.get(layer).get(label);
    return field ? geoasm.plain(layer, field, f) : null;
  };
  return [
    [words.csv_layer, (layer) => layer.id],
    [words.csv_group, (layer, f) => layer.groups[layer.member[f]].label],
    [words.csv_code, (layer, f) => layer.columns[layer.name].at(f)],
    [words.csv_name, (layer, f) => layer.columns[layer.subtitle].at(f)],
    [words.csv_lat, (layer, f) => Number(place(layer, f).lat.toFixed(6))],
    [words.csv_lon, (layer, f) => Number(place(layer, f).lng.toFixed(6))],
    ...labels.map((label) => [geoasm.withUnit(label, fields), told(label)]),
  ];
};

geoasm.columnOf = function (layer, field) {
  return field.parts.length === 1 && field.parts[0].layer === undefined ? layer.columns[field.parts[0].column] : null;
};

// A field as a spreadsheet reads it: quantities as numbers without their unit, days as ISO 8601.
geoasm.plain = function (layer, field, f) {
  const column = geoasm.columnOf(layer, field);
  const kind = column && column.plain.kind;
  if (kind === "number") {
    const amount = column.amount(f);
    return Number.isNaN(amount) ? null : amount;
  }
  return kind === "day" ? column.iso(f) : layer.value(field, f);
};

// The unit of a quantity goes to the head of its column.
geoasm.withUnit = function (label, fields) {
  for (const [layer, own] of fields) {
    const column = own.has(label) ? geoasm.columnOf(layer, own.get(label)) : null;
    const unit = column && column.plain.kind === "number" ? column.plain.template.replace("{value}", "").trim() : "";
    if (unit) return `${label} (${unit})`;
  }
  return label;
};

// A cell of a table: quoted where it must be; what a spreadsheet would run is text.
geoasm.cellOf = function (value) {
  if (typeof value === "number") return String(value);
  const text = value === null || value === undefined ? "" : String(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",;\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
};

geoasm.table = function (rows) {
  const columns = geoasm.outputColumns(rows);
  const lines = rows.map(([layer, f]) => columns.map(([, value]) => geoasm.cellOf(value(layer, f))).join(","));
  return ["\uFEFF", ...[columns.map(([label]) => geoasm.cellOf(label)).join(","), ...lines].map((line) => `${line}\r\n`)];
};

// Longitude and latitude as RFC 7946 wants them; a world unit is 4 cm at most.
geoasm.degreesOf = function (layer, from, to) {
  const places = [];
  for (let v = from; v < to; v++) {
    const { lat, lng } = geoasm.unproject(layer.xy[2 * v], layer.xy[2 * v + 1]);
    places.push([Number(lng.toFixed(7)), Number(lat.toFixed(7))]);
  }
  return places;
};

geoasm.twiceArea = function (ring) {
  let sum = 0;
  ring.forEach(([x, y], i) => {
    const [px, py] = ring[(i || ring.length) - 1];
    sum += px * y - x * py;
  });
  return sum;
};

// A place inside a ring: the middle of its widest stretch halfway up.
geoasm.insideOf = function (ring) {
  const heights = ring.map(([, y]) => y);
  const y = (Math.min(...heights) + Math.max(...heights)) / 2 + 1e-10;
  const across = geoasm.ringCrossings(ring, y).sort((a, b) => a - b);
  let best = [-1, ring[0][0]];
  for (let i = 0; i + 1 < across.length; i += 2) {
    if (across[i + 1] - across[i] > best[0]) best = [across[i + 1] - across[i], (across[i] + across[i + 1]) / 2];
  }
  return [best[1], y];
};

geoasm.ringCrossings = function (ring, y) {
  const found = [];
  ring.forEach(([bx, by], i) => {
    const [ax, ay] = ring[(i || ring.length) - 1];
    if (ay > y !== by > y) found.push(ax + ((y - ay) / (by - ay)) * (bx - ax));
  });
  return found;
};

// Which rings are holes, and in what: one that lies in an odd number of larger ones is, of the smallest of them.
geoasm.nested = function (rings) {
  const told = rings.map((ring) => ({ ring, area: geoasm.twiceArea(ring), place: geoasm.insideOf(ring) }));
  const holds = (outer, inner) => Math.abs(outer.area) > Math.abs(inner.area)
    && geoasm.ringCrossings(outer.ring, inner.place[1]).filter((x) => x > inner.place[0]).length % 2 === 1;
  const turned = (one, sign) => (Math.sign(one.area) === sign ? one.ring : [...one.ring].reverse());
  const shells = new Map();
  const around = new Map(told.map((one) => [one, told.filter((other) => holds(other, one))]));
  for (const one of told.filter((some) => around.get(some).length % 2 === 0)) shells.set(one, [turned(one, 1)]);
  for (const one of told.filter((some) => around.get(some).length % 2)) {
    const shell = around.get(one).reduce((a, b) => (Math.abs(a.area) < Math.abs(b.area) ? a : b));
    shells.get(shell).push(turned(one, -1));
  }
  return [...shells.values()].map((part) => part.map((ring) => [...ring, ring[0]]));
};

geoasm.geometryOf = function (layer, f) {
  if (layer.isPoint) return { type: "Point", coordinates: geoasm.degreesOf(layer, f, f + 1)[0] };
  const rings = [];
  for (let r = layer.ringStart[f]; r < layer.ringStart[f + 1]; r++) {
    rings.push(geoasm.degreesOf(layer, layer.vertexStart[r], layer.vertexStart[r + 1]));
  }
  const parts = layer.kind === "polygon" ? geoasm.nested(rings) : rings;
  const type = layer.kind === "polygon" ? "Polygon" : "LineString";
  return parts.length === 1 ? { type, coordinates: parts[0] } : { type: `Multi${type}`, coordinates: parts };
};

geoasm.geojson = function (rows) {
  const columns = geoasm.outputColumns(rows);
  const lines = rows.map(([layer, f], i) => {
    const properties = Object.fromEntries(columns.map(([label, value]) => [label, value(layer, f)]));
    const feature = { type: "Feature", geometry: geoasm.geometryOf(layer, f), properties };
    return `${i ? ",\n" : ""}${JSON.stringify(feature)}`;
  });
  return ["{\"type\":\"FeatureCollection\",\"features\":[\n", ...lines, "\n]}\n"];
};

// Pieces of text as a file, whose name has the day of the run.
geoasm.save = function (pieces, ending, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(pieces, { type }));
  link.download = `geoasm-${document.getElementById("tools").dataset.on}.${ending}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
};
