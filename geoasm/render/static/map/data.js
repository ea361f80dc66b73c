// The layers of the page, asked for by row.
geoasm.unproject = function (x, y) {
  const lat = (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / geoasm.WORLD))) * 180) / Math.PI;
  return L.latLng(lat, (x / geoasm.WORLD - 0.5) * 360);
};

// Where a parallel crosses the outline of a feature, from west to east.
geoasm.crossings = function (layer, f, y) {
  const found = [];
  for (let r = layer.ringStart[f]; r < layer.ringStart[f + 1]; r++) {
    const to = layer.vertexStart[r + 1];
    for (let a = layer.vertexStart[r], b = to - 1; a < to; b = a++) {
      const [ay, by] = [layer.xy[2 * a + 1], layer.xy[2 * b + 1]];
      if (ay > y !== by > y) {
        const ax = layer.xy[2 * a];
        found.push(ax + ((y - ay) / (by - ay)) * (layer.xy[2 * b] - ax));
      }
    }
  }
  return found.sort((a, b) => a - b);
};

geoasm.Layer = class {
  constructor(source) {
    Object.assign(this, source);
    this.blockBoxes = new Int32Array(0);
    this.isPoint = this.kind === "point";
    this.shown = this.groups.map((group) => group.on);
    this.columns = this.columns.map((spec) => new geoasm.Column(this, spec));
    this.rows = {};
    this.haystacks = [];
  }

  // Of features that overlap the shallower one comes first in an answer.
  depthOf(f) {
    if (!this.where.depth) return 0;
    this.depth = this.depth || geoasm.numbers(this, "depth", Uint16Array, this.size);
    return this.depth[f];
  }

  title(f, separator = " · ") {
    return [this.columns[this.name].at(f), this.columns[this.subtitle].at(f)].filter(Boolean).join(separator);
  }

  // Rows of another layer, -1 for none: places in the point's stack, or beyond it rows of their own.
  rowsOf(name) {
    if (this.rows[name]) return this.rows[name];
    const places = geoasm.numbers(this, name, Uint32Array, this.size);
    const steps = geoasm.signed(this, `${name}.else`);
    const rows = new Int32Array(this.size).fill(-1);
    this.readStacks();
    let row = 0;
    for (let f = 0, at = 0; f < this.size; f++) {
      if (!places[f]) continue;
      const from = this.stackStart ? this.stackStart[f] : 0;
      const to = this.stackStart ? this.stackStart[f + 1] : 0;
      if (places[f] <= to - from) rows[f] = this.stacks[from + places[f] - 1];
      else rows[f] = row += steps[at++];
    }
    this.rows[name] = rows;
    return rows;
  }

  value(field, f) {
    const texts = field.parts.map((part) => {
      if (part.layer === undefined) return this.columns[part.column].at(f);
      const row = this.rowsOf(part.rows)[f];
      return row < 0 ? null : geoasm.layer(part.layer).title(row);
    });
    return texts.filter(Boolean).join(field.separator) || null;
  }

  readStacks() {
    if (!this.where.stack || this.stacks) return;
    const counts = geoasm.numbers(this, "stack.count", Uint32Array, this.size);
    this.stackStart = new Uint32Array(this.size + 1);
    for (let f = 0; f < this.size; f++) this.stackStart[f + 1] = this.stackStart[f] + counts[f];
    const steps = geoasm.signed(this, "stack", this.stackStart[this.size]);
    this.stacks = new Uint32Array(steps.length);
    let row = 0;
    for (let i = 0; i < steps.length; i++) this.stacks[i] = row += steps[i];
  }

  // Rows of the rights at a registration's point, senior first.
  stackOf(f) {
    this.readStacks();
    if (!this.stacks) return [];
    return [...this.stacks.subarray(this.stackStart[f], this.stackStart[f + 1])];
  }

  range(f) {
    return [this.vertexStart[this.ringStart[f]], this.vertexStart[this.ringStart[f + 1]]];
  }

  // Tell `each` of the features whose box meets another, in their order.
  within(west, north, east, south, each) {
    const { blockBoxes } = this;
    for (let b = 0; 4 * b < blockBoxes.length; b++) {
      if (blockBoxes[4 * b] > east || blockBoxes[4 * b + 2] < west) continue;
      if (blockBoxes[4 * b + 1] > south || blockBoxes[4 * b + 3] < north) continue;
      const end = Math.min(this.ready, (b + 1) * geoasm.BLOCK);
      for (let f = b * geoasm.BLOCK; f < end; f++) {
        if (this.meets(f, west, north, east, south)) each(f);
      }
    }
  }

  meets(f, west, north, east, south) {
    if (this.isPoint) {
      const [x, y] = [this.xy[2 * f], this.xy[2 * f + 1]];
      return x >= west && x <= east && y >= north && y <= south;
    }
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

  // A place in the feature: of a polygon the middle of its widest stretch halfway up.
  at(f) {
    if (this.isPoint) return [this.xy[2 * f], this.xy[2 * f + 1]];
    if (this.kind === "line") {
      const [from, to] = this.range(f);
      const v = (from + to) >> 1;
      return [this.xy[2 * v], this.xy[2 * v + 1]];
    }
    const y = (this.boxes[4 * f + 1] + this.boxes[4 * f + 3]) / 2 + 0.5;
    const crossings = geoasm.crossings(this, f, y);
    let best = [0, (this.boxes[4 * f] + this.boxes[4 * f + 2]) / 2];
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const width = crossings[i + 1] - crossings[i];
      if (width > best[0]) best = [width, (crossings[i] + crossings[i + 1]) / 2];
    }
    return [best[1], y];
  }

  isShown(f) {
    return this.shown[this.member[f]];
  }
};

geoasm.say = function (key, values) {
  return geoasm.words[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
};
