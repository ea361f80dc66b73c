"use strict";
// What the page carries, unpacked: world coordinates (Mercator, 0 to 1) in typed arrays.
const geoasm = {};

geoasm.project = function (lon, lat) {
  const sine = Math.sin((lat * Math.PI) / 180);
  return [lon / 360 + 0.5, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
};

geoasm.unproject = function (x, y) {
  const lat = (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI;
  return L.latLng(lat, (x - 0.5) * 360);
};

// A column is a list of values, or the distinct ones (d) and each row's place among them (i).
geoasm.cell = function (column, row) {
  return Array.isArray(column) ? column[row] : column.d[column.i[row]];
};

geoasm.decode = function (differences, unit) {
  const world = new Float64Array(differences.length);
  let lon = 0;
  let lat = 0;
  for (let i = 0; i < differences.length; i += 2) {
    lon += differences[i];
    lat += differences[i + 1];
    const point = geoasm.project(lon / unit, lat / unit);
    world[i] = point[0];
    world[i + 1] = point[1];
  }
  return world;
};

geoasm.Layer = class {
  constructor(source, unit) {
    Object.assign(this, source);
    this.size = source.member.length;
    this.xy = geoasm.decode(source.geometry.xy, unit);
    this.isPoint = source.kind === "point";
    this.at = this.isPoint ? this.xy : geoasm.decode(source.geometry.at, unit);
    this.shown = source.groups.map(() => true);
    if (!this.isPoint) this.index();
  }

  // Rings of feature f are rows ringStart[f] to ringStart[f + 1] of vertexStart; boxes are x, y, x, y.
  index() {
    const vertices = this.geometry.vertices;
    this.vertexStart = new Uint32Array(vertices.length + 1);
    vertices.forEach((n, i) => { this.vertexStart[i + 1] = this.vertexStart[i] + n; });
    this.ringStart = new Uint32Array(this.size + 1);
    this.geometry.rings.forEach((n, i) => { this.ringStart[i + 1] = this.ringStart[i] + n; });
    this.boxes = new Float64Array(4 * this.size);
    for (let f = 0; f < this.size; f++) {
      const box = [Infinity, Infinity, -Infinity, -Infinity];
      const [from, to] = this.range(f);
      for (let v = from; v < to; v++) {
        box[0] = Math.min(box[0], this.xy[2 * v]);
        box[1] = Math.min(box[1], this.xy[2 * v + 1]);
        box[2] = Math.max(box[2], this.xy[2 * v]);
        box[3] = Math.max(box[3], this.xy[2 * v + 1]);
      }
      this.boxes.set(box, 4 * f);
    }
  }

  range(f) {
    return [this.vertexStart[this.ringStart[f]], this.vertexStart[this.ringStart[f + 1]]];
  }

  meets(f, west, north, east, south) {
    const b = 4 * f;
    return this.boxes[b] <= east && this.boxes[b + 2] >= west
      && this.boxes[b + 1] <= south && this.boxes[b + 3] >= north;
  }

  // Even-odd over all rings: holes and parts need no telling apart.
  contains(f, x, y) {
    if (this.kind !== "polygon" || !this.meets(f, x, y, x, y)) return false;
    let inside = false;
    for (let r = this.ringStart[f]; r < this.ringStart[f + 1]; r++) {
      const from = this.vertexStart[r];
      const to = this.vertexStart[r + 1];
      for (let a = from, b = to - 1; a < to; b = a++) {
        const ay = this.xy[2 * a + 1];
        const by = this.xy[2 * b + 1];
        if (ay > y !== by > y) {
          const ax = this.xy[2 * a];
          if (x < ax + ((y - ay) / (by - ay)) * (this.xy[2 * b] - ax)) inside = !inside;
        }
      }
    }
    return inside;
  }

  isShown(f) {
    return this.shown[this.member[f]];
  }
};

geoasm.read = function () {
  const data = JSON.parse(document.getElementById("geoasm-data").textContent);
  geoasm.words = data.words;
  geoasm.shapes = data.shapes;
  geoasm.layers = data.layers.map((layer) => new geoasm.Layer(layer, data.unit));
  geoasm.layer = (id) => geoasm.layers.find((layer) => layer.id === id);
};

geoasm.say = function (key, values) {
  return geoasm.words[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
};
