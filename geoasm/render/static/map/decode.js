"use strict";
// Packed layers, unpacked: docs/map-format.md says what stands where. Runs in a worker and in the page.
const geoasm = {};

geoasm.WORLD = 2 ** 30; // world units a side of the Mercator square: 4 cm at the equator, whole numbers

geoasm.project = function (lon, lat) {
  const sine = Math.sin((lat * Math.PI) / 180);
  const y = 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
  return [(lon / 360 + 0.5) * geoasm.WORLD, y * geoasm.WORLD];
};

// Inverse of the transverse Mercator projection in UTM on WGS84 (Krüger's series to the third order).
geoasm.utm = function () {
  const n = 0.0016792203863837047;
  const radius = 6367449.145823415 * 0.9996;
  const beta = [
    n / 2 - (2 / 3) * n ** 2 + (37 / 96) * n ** 3,
    n ** 2 / 48 + n ** 3 / 15,
    (17 / 480) * n ** 3,
  ];
  const delta = [2 * n - (2 / 3) * n ** 2 - 2 * n ** 3, (7 / 3) * n ** 2 - (8 / 5) * n ** 3, (56 / 15) * n ** 3];
  return function (east, north, zone) {
    let xi = (north - (zone < 0 ? 1e7 : 0)) / radius;
    let eta = (east - 5e5) / radius;
    const [xi0, eta0] = [xi, eta];
    beta.forEach((b, i) => {
      const k = 2 * (i + 1);
      xi -= b * Math.sin(k * xi0) * Math.cosh(k * eta0);
      eta -= b * Math.cos(k * xi0) * Math.sinh(k * eta0);
    });
    const chi = Math.asin(Math.sin(xi) / Math.cosh(eta));
    let lat = chi;
    delta.forEach((d, i) => { lat += d * Math.sin(2 * (i + 1) * chi); });
    const lon = Math.atan2(Math.sinh(eta), Math.cos(xi));
    return [Math.abs(zone) * 6 - 183 + (lon * 180) / Math.PI, (lat * 180) / Math.PI];
  };
}();

geoasm.Reader = class {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  next() {
    let value = 0;
    let weight = 1;
    let byte;
    do {
      byte = this.bytes[this.at++];
      value += (byte & 127) * weight;
      weight *= 128;
    } while (byte & 128);
    return value;
  }

  // 0, 1, 2, 3, 4… are 0, -1, 1, -2, 2…
  signed() {
    const value = this.next();
    return value % 2 ? -(value + 1) / 2 : value / 2;
  }
};

geoasm.numbers = function (bytes, n, Kind = Uint32Array) {
  const reader = new geoasm.Reader(bytes);
  const out = new Kind(n);
  for (let i = 0; i < n; i++) out[i] = reader.next();
  return out;
};

geoasm.unzip = async function (text) {
  const packed = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
};

// Header and sections of a block, and what every reader of it needs at once: places and groups.
geoasm.unpack = async function (text) {
  const bytes = await geoasm.unzip(text);
  const size = new DataView(bytes.buffer).getUint32(0, true);
  const layer = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + size)));
  layer.bytes = bytes;
  layer.where = {};
  let at = 4 + size;
  for (const [name, length] of layer.sections) {
    layer.where[name] = [at, at + length];
    at += length;
  }
  layer.member = geoasm.numbers(geoasm.section(layer, "member"), layer.size, Uint16Array);
  if (layer.kind === "point") geoasm.points(layer);
  else geoasm.shapes(layer);
  geoasm.blocks(layer);
  return layer;
};

geoasm.section = function (layer, name) {
  return layer.bytes.subarray(...layer.where[name]);
};

geoasm.UNITS_PER_DEGREE = 1e6;
geoasm.UNITS_PER_METRE = 10;

geoasm.points = function (layer) {
  const reader = new geoasm.Reader(geoasm.section(layer, "xy"));
  layer.xy = new Int32Array(2 * layer.size);
  let lon = 0;
  let lat = 0;
  for (let f = 0; f < layer.size; f++) {
    lon += reader.signed();
    lat += reader.signed();
    layer.xy.set(geoasm.project(lon / geoasm.UNITS_PER_DEGREE, lat / geoasm.UNITS_PER_DEGREE), 2 * f);
  }
};

// Rings of feature f are rows ringStart[f] to ringStart[f + 1] of vertexStart; boxes are x, y, x, y.
geoasm.shapes = function (layer) {
  const rings = geoasm.numbers(geoasm.section(layer, "rings"), layer.size);
  layer.ringStart = new Uint32Array(layer.size + 1);
  for (let f = 0; f < layer.size; f++) layer.ringStart[f + 1] = layer.ringStart[f] + rings[f];
  const count = layer.ringStart[layer.size];
  const sizes = geoasm.numbers(geoasm.section(layer, "ringSize"), count);
  layer.vertexStart = new Uint32Array(count + 1);
  for (let r = 0; r < count; r++) layer.vertexStart[r + 1] = layer.vertexStart[r] + sizes[r];
  layer.xy = new Int32Array(2 * layer.vertices);
  layer.boxes = new Int32Array(4 * layer.size);
  const first = new geoasm.Reader(geoasm.section(layer, "first"));
  const next = new geoasm.Reader(geoasm.section(layer, "next"));
  const zones = layer.grid === "utm" ? new geoasm.Reader(geoasm.section(layer, "zone")) : null;
  let startX = 0;
  let startY = 0;
  for (let f = 0; f < layer.size; f++) {
    startX += first.signed();
    startY += first.signed();
    const zone = zones ? zones.signed() : 0;
    let [x, y] = [startX, startY];
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    const from = layer.vertexStart[layer.ringStart[f]];
    const to = layer.vertexStart[layer.ringStart[f + 1]];
    for (let v = from; v < to; v++) {
      if (v > from) {
        x += next.signed();
        y += next.signed();
      }
      const place = zones
        ? geoasm.utm(x / geoasm.UNITS_PER_METRE, y / geoasm.UNITS_PER_METRE, zone)
        : [x / geoasm.UNITS_PER_DEGREE, y / geoasm.UNITS_PER_DEGREE];
      const [wx, wy] = geoasm.project(...place).map(Math.round);
      layer.xy[2 * v] = wx;
      layer.xy[2 * v + 1] = wy;
      if (wx < box[0]) box[0] = wx;
      if (wy < box[1]) box[1] = wy;
      if (wx > box[2]) box[2] = wx;
      if (wy > box[3]) box[3] = wy;
    }
    layer.boxes.set(box, 4 * f);
  }
};

geoasm.BLOCK = 64;

// Features follow a Hilbert curve: a run of them has a small box, which a search may pass over as one.
geoasm.blocks = function (layer) {
  const n = Math.ceil(layer.size / geoasm.BLOCK);
  layer.blockBoxes = new Int32Array(4 * n);
  for (let b = 0; b < n; b++) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    const end = Math.min(layer.size, (b + 1) * geoasm.BLOCK);
    for (let f = b * geoasm.BLOCK; f < end; f++) {
      const corners = layer.boxes ? layer.boxes.subarray(4 * f, 4 * f + 4) : layer.xy.subarray(2 * f, 2 * f + 2);
      const far = corners.length - 2;
      box[0] = Math.min(box[0], corners[0]);
      box[1] = Math.min(box[1], corners[1]);
      box[2] = Math.max(box[2], corners[far]);
      box[3] = Math.max(box[3], corners[far + 1]);
    }
    layer.blockBoxes.set(box, 4 * b);
  }
};
