"use strict";
// Packed layers, unpacked: docs/map-format.md says what stands where. Runs in a worker and in the page.
const geoasm = {};

geoasm.WORLD = 2 ** 30; // world units a side of the Mercator square: 4 cm at the equator, whole numbers
geoasm.UNITS_PER_DEGREE = 1e6;
geoasm.UNITS_PER_METRE = 10;
geoasm.UNITS_PER_TENTH_HA = 1e5;
geoasm.LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%.()*+-;,=:?@^_`{|}~";

geoasm.project = function (lon, lat) {
  const sine = Math.sin((lat * Math.PI) / 180);
  return [(lon / 360 + 0.5) * geoasm.WORLD, (0.5 - Math.atanh(sine) / (2 * Math.PI)) * geoasm.WORLD];
};

// The same for millionths of a degree, into `out` at `at`: many places leave no arrays behind.
geoasm.fromDegrees = function (x, y, out, at) {
  const sine = Math.sin((y / geoasm.UNITS_PER_DEGREE / 180) * Math.PI);
  out[at] = Math.round((x / geoasm.UNITS_PER_DEGREE / 360 + 0.5) * geoasm.WORLD);
  out[at + 1] = Math.round((0.5 - Math.atanh(sine) / (2 * Math.PI)) * geoasm.WORLD);
};

// From UTM on WGS84 to the Mercator square (Krüger's series to the third order), into `out` at `at`.
geoasm.fromUtm = function () {
  const n = 0.0016792203863837047;
  const radius = 6367449.145823415 * 0.9996;
  const b1 = n / 2 - (2 / 3) * n ** 2 + (37 / 96) * n ** 3;
  const b2 = n ** 2 / 48 + n ** 3 / 15;
  const b3 = (17 / 480) * n ** 3;
  const d1 = 2 * n - (2 / 3) * n ** 2 - 2 * n ** 3;
  const d2 = (7 / 3) * n ** 2 - (8 / 5) * n ** 3;
  const d3 = (56 / 15) * n ** 3;
  return function (east, north, zone, out, at) {
    const xi = (north - (zone < 0 ? 1e7 : 0)) / radius;
    const eta = (east - 5e5) / radius;
    const s2 = Math.sin(2 * xi);
    const c2 = Math.cos(2 * xi);
    const e2 = Math.exp(2 * eta);
    const sh2 = (e2 - 1 / e2) / 2;
    const ch2 = (e2 + 1 / e2) / 2;
    const [s4, c4, sh4, ch4] = [2 * s2 * c2, 2 * c2 * c2 - 1, 2 * sh2 * ch2, 2 * ch2 * ch2 - 1];
    const [s6, c6] = [s4 * c2 + c4 * s2, c4 * c2 - s4 * s2];
    const [sh6, ch6] = [sh4 * ch2 + ch4 * sh2, ch4 * ch2 + sh4 * sh2];
    const xi0 = xi - b1 * s2 * ch2 - b2 * s4 * ch4 - b3 * s6 * ch6;
    const eta0 = eta - b1 * c2 * sh2 - b2 * c4 * sh4 - b3 * c6 * sh6;
    const e = Math.exp(eta0);
    // Sine and cosine of the conformal latitude, then of the latitude, which is little more.
    const sine = Math.sin(xi0) / ((e + 1 / e) / 2);
    const cosine = Math.sqrt(1 - sine * sine);
    const [t2, u2] = [2 * sine * cosine, 1 - 2 * sine * sine];
    const more = d1 * t2 + d2 * (2 * t2 * u2) + d3 * (3 * t2 - 4 * t2 ** 3);
    const latitude = sine * (1 - more ** 2 / 2) + cosine * (more - more ** 3 / 6);
    const lon = Math.abs(zone) * 6 - 183 + (Math.atan2((e - 1 / e) / 2, Math.cos(xi0)) * 180) / Math.PI;
    out[at] = Math.round((lon / 360 + 0.5) * geoasm.WORLD);
    out[at + 1] = Math.round((0.5 - Math.atanh(latitude) / (2 * Math.PI)) * geoasm.WORLD);
  };
}();

// Bytes of letters in base 85; a last group of fewer than five is short.
geoasm.fromLetters = function (text) {
  const values = new Uint8Array(128);
  [...geoasm.LETTERS].forEach((letter, i) => { values[letter.charCodeAt(0)] = i; });
  const left = text.length % 5;
  const out = new Uint8Array(Math.floor(text.length / 5) * 4 + (left ? left - 1 : 0));
  const padded = left ? text + geoasm.LETTERS[84].repeat(5 - left) : text;
  for (let i = 0, at = 0; i < padded.length; i += 5, at += 4) {
    let value = 0;
    for (let k = i; k < i + 5; k++) value = value * 85 + values[padded.charCodeAt(k)];
    out[at] = value >>> 24; // what is written beyond the end is lost
    out[at + 1] = value >>> 16;
    out[at + 2] = value >>> 8;
    out[at + 3] = value;
  }
  return out;
};

geoasm.section = function (layer, name) {
  const [parcel, from, to] = layer.where[name];
  return layer.parcels[parcel].subarray(from, to);
};

// Whole numbers of a section: groups of seven bits, the lowest first, one number after the other or in planes.
geoasm.numbers = function (layer, name, Kind = Uint32Array, n = layer.counts[name]) {
  const bytes = geoasm.section(layer, name);
  const out = new Kind(n);
  if (layer.where[name][3] === "planes") {
    let rows = null;
    for (let at = 0, weight = 1, count = n; at < bytes.length; weight *= 128) {
      const more = new Uint32Array(count);
      let left = 0;
      for (let i = 0; i < count; i++) {
        const f = rows ? rows[i] : i;
        const byte = bytes[at + i];
        out[f] += (byte & 127) * weight;
        if (byte > 127) more[left++] = f;
      }
      at += count;
      count = left;
      rows = more;
    }
    return out;
  }
  for (let f = 0, at = 0; f < n; f++) {
    let byte = bytes[at++];
    let value = byte & 127;
    for (let weight = 128; byte > 127; weight *= 128) {
      byte = bytes[at++];
      value += (byte & 127) * weight;
    }
    out[f] = value;
  }
  return out;
};

// How many numbers a section has: the bytes without a high bit end one each.
geoasm.countOf = function (layer, name) {
  const bytes = geoasm.section(layer, name);
  let n = 0;
  for (let i = 0; i < bytes.length; i++) n += bytes[i] < 128 ? 1 : 0;
  return n;
};

// 0, 1, 2, 3, 4… are 0, -1, 1, -2, 2…
geoasm.signed = function (layer, name, n = geoasm.countOf(layer, name)) {
  const folded = geoasm.numbers(layer, name, Uint32Array, n);
  const out = new Int32Array(folded.buffer);
  for (let i = 0; i < n; i++) out[i] = (folded[i] >>> 1) ^ -(folded[i] & 1);
  return out;
};

geoasm.unzip = async function (text) {
  const { readable, writable } = new DecompressionStream("gzip");
  const writer = writable.getWriter();
  writer.write(geoasm.fromLetters(text));
  writer.close();
  return new Uint8Array(await new Response(readable).arrayBuffer());
};

// The header of a layer, and where its sections stand.
geoasm.headed = function (text) {
  const layer = JSON.parse(text);
  Object.assign(layer, { where: {}, ready: 0 });
  layer.parcels.forEach((sections, parcel) => {
    let at = 0;
    for (const [name, length, way] of sections) {
      layer.where[name] = [parcel, at, at + length, way];
      at += length;
    }
  });
  layer.parcels = [];
  return layer;
};

geoasm.points = function (layer) {
  const steps = geoasm.signed(layer, "xy", 2 * layer.size);
  layer.xy = new Int32Array(2 * layer.size);
  let lon = 0;
  let lat = 0;
  for (let f = 0; f < layer.size; f++) {
    lon += steps[2 * f];
    lat += steps[2 * f + 1];
    geoasm.fromDegrees(lon, lat, layer.xy, 2 * f);
  }
  layer.ready = layer.size;
  geoasm.blocks(layer);
};

// Rings of feature f are rows ringStart[f] to ringStart[f + 1] of vertexStart.
geoasm.rings = function (layer) {
  const sums = (counts) => {
    const out = new Uint32Array(counts.length + 1);
    for (let i = 0; i < counts.length; i++) out[i + 1] = out[i] + counts[i];
    return out;
  };
  layer.ringStart = sums(geoasm.numbers(layer, "rings", Uint32Array, layer.size));
  const rings = layer.ringStart[layer.size];
  layer.vertexStart = sums(geoasm.numbers(layer, "ringSize", Uint32Array, rings));
};

// Places of shapes from `layer.ready` to `end`; boxes are x, y, x, y. `steps` is where the reader stands.
geoasm.shapes = function (layer, steps, end) {
  const { first, quad, back, next, zones } = steps;
  const { ringStart, vertexStart, xy, boxes } = layer;
  for (let f = layer.ready; f < end; f++) {
    steps.x += first[2 * f];
    steps.y += first[2 * f + 1];
    const zone = zones ? zones[f] : 0;
    let { x, y } = steps;
    let twice = 0;
    let [west, north, east, south] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let r = ringStart[f]; r < ringStart[f + 1]; r++) {
      const from = vertexStart[r];
      const size = vertexStart[r + 1] - from;
      const isQuad = size === 4 && layer.kind === "polygon";
      let [x0, y0, px, py, dx, dy] = [0, 0, 0, 0, 0, 0];
      for (let k = 0; k < size; k++) {
        if (isQuad && (k === 1 || k === 2)) {
          const [sx, sy] = [quad[steps.quadAt++], quad[steps.quadAt++]];
          if (k === 1) [dx, dy] = [sx, sy];
          x += sx;
          y += sy;
        } else if (isQuad && k === 3) {
          x += back[steps.backAt++] - dx;
          y += back[steps.backAt++] - dy;
        } else if (k > 0 || r > ringStart[f]) {
          x += next[steps.nextAt++];
          y += next[steps.nextAt++];
        }
        if (k === 0) [x0, y0] = [x, y];
        twice += px * (y - y0) - (x - x0) * py;
        px = x - x0;
        py = y - y0;
        const at = 2 * (from + k);
        if (zones) geoasm.fromUtm(x / geoasm.UNITS_PER_METRE, y / geoasm.UNITS_PER_METRE, zone, xy, at);
        else geoasm.fromDegrees(x, y, xy, at);
        if (xy[at] < west) west = xy[at];
        if (xy[at] > east) east = xy[at];
        if (xy[at + 1] < north) north = xy[at + 1];
        if (xy[at + 1] > south) south = xy[at + 1];
      }
    }
    boxes[4 * f] = west;
    boxes[4 * f + 1] = north;
    boxes[4 * f + 2] = east;
    boxes[4 * f + 3] = south;
    layer.tenthsHa[f] = Math.floor(Math.abs(twice) / (2 * geoasm.UNITS_PER_TENTH_HA) + 0.5);
  }
  layer.ready = end;
};

// Read the places of a layer, shapes in two strides where some groups are late; those come last.
geoasm.strides = function* (layer) {
  layer.member = geoasm.numbers(layer, "member", Uint16Array, layer.size);
  if (layer.kind === "point") {
    geoasm.points(layer);
    yield;
    return;
  }
  geoasm.rings(layer);
  const count = (name) => geoasm.signed(layer, name);
  const steps = {
    x: 0, y: 0, quadAt: 0, backAt: 0, nextAt: 0, zones: layer.grid === "utm" ? count("zone") : null,
    first: count("first"), quad: count("quad"), back: count("back"), next: count("next"),
  };
  layer.xy = new Int32Array(2 * layer.vertices);
  layer.boxes = new Int32Array(4 * layer.size);
  layer.tenthsHa = new Uint32Array(layer.size);
  for (const end of new Set([layer.soon, layer.size])) {
    geoasm.shapes(layer, steps, end);
    geoasm.blocks(layer);
    yield;
  }
};

geoasm.BLOCK = 64;

// Features follow a Hilbert curve: a run of them has a small box, which a search may pass over as one.
geoasm.blocks = function (layer) {
  const n = Math.ceil(layer.ready / geoasm.BLOCK);
  const wide = layer.boxes ? 4 : 2;
  const corners = layer.boxes || layer.xy;
  layer.blockBoxes = new Int32Array(4 * n);
  for (let b = 0; b < n; b++) {
    let [west, north, east, south] = [Infinity, Infinity, -Infinity, -Infinity];
    const end = Math.min(layer.ready, (b + 1) * geoasm.BLOCK);
    for (let f = b * geoasm.BLOCK; f < end; f++) {
      const at = wide * f;
      const far = at + wide - 2;
      if (corners[at] < west) west = corners[at];
      if (corners[at + 1] < north) north = corners[at + 1];
      if (corners[far] > east) east = corners[far];
      if (corners[far + 1] > south) south = corners[far + 1];
    }
    layer.blockBoxes.set([west, north, east, south], 4 * b);
  }
};
