// The layers of the page: read in workers, one each, and asked for by row.
geoasm.unproject = function (x, y) {
  const lat = (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / geoasm.WORLD))) * 180) / Math.PI;
  return L.latLng(lat, (x / geoasm.WORLD - 0.5) * 360);
};

// Texts of a column, split when somebody first asks: most columns are never read whole.
geoasm.lines = function (bytes) {
  const text = new TextDecoder().decode(bytes);
  const lines = text.split("\n");
  if (!text.includes("\\")) return lines;
  return lines.map((line) => line.replace(/\\(.)/g, (_, c) => (c === "n" ? "\n" : c)));
};

geoasm.Column = class {
  constructor(layer, spec) {
    Object.assign(this, { layer, spec });
  }

  load() {
    const { layer, spec } = this;
    const part = (name) => geoasm.section(layer, name);
    if (spec.kind === "text") this.words = geoasm.lines(part(spec.section));
    if (spec.kind === "dictionary") {
      this.words = geoasm.lines(part(`${spec.section}.words`));
      this.places = geoasm.numbers(part(spec.section), layer.size);
    }
  }

  // The text of a row, null where there is none.
  at(f) {
    if (this.spec.kind === "none") return null;
    if (!this.words) this.load();
    if (!this.places) return this.words[f] || null;
    return this.places[f] ? this.words[this.places[f] - 1] : null;
  }
};

geoasm.Layer = class {
  constructor(source) {
    Object.assign(this, source);
    this.isPoint = this.kind === "point";
    this.shown = this.groups.map(() => true);
    this.columns = this.columns.map((spec) => new geoasm.Column(this, spec));
    this.rows = {};
    const depths = this.where.depth && geoasm.section(this, "depth");
    this.depth = depths ? geoasm.numbers(depths, this.size) : null;
  }

  title(f, separator = " · ") {
    return [this.columns[this.name].at(f), this.columns[this.subtitle].at(f)].filter(Boolean).join(separator);
  }

  // Rows of another layer, -1 for none.
  rowsOf(name) {
    if (this.rows[name]) return this.rows[name];
    const there = geoasm.section(this, `${name}.there`);
    const reader = new geoasm.Reader(geoasm.section(this, name));
    const rows = new Int32Array(this.size).fill(-1);
    let row = 0;
    for (let f = 0; f < this.size; f++) {
      if (there[f >> 3] & (1 << (f & 7))) rows[f] = row += reader.signed();
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

  // Rows of the rights at a registration's point, senior first.
  stackOf(f) {
    if (!this.where.stack) return [];
    if (!this.stacks) {
      const counts = geoasm.numbers(geoasm.section(this, "stack.count"), this.size);
      this.stackStart = new Uint32Array(this.size + 1);
      counts.forEach((n, i) => { this.stackStart[i + 1] = this.stackStart[i] + n; });
      const reader = new geoasm.Reader(geoasm.section(this, "stack"));
      let row = 0;
      this.stacks = new Uint32Array(this.stackStart[this.size]).map(() => (row += reader.signed()));
    }
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
      const end = Math.min(this.size, (b + 1) * geoasm.BLOCK);
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
    const crossings = [];
    for (let r = this.ringStart[f]; r < this.ringStart[f + 1]; r++) {
      const to = this.vertexStart[r + 1];
      for (let a = this.vertexStart[r], b = to - 1; a < to; b = a++) {
        const [ay, by] = [this.xy[2 * a + 1], this.xy[2 * b + 1]];
        if (ay > y !== by > y) {
          const ax = this.xy[2 * a];
          crossings.push(ax + ((y - ay) / (by - ay)) * (this.xy[2 * b] - ax));
        }
      }
    }
    crossings.sort((a, b) => a - b);
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

// A worker that reads one block; where there can be none, the page reads it itself.
geoasm.reading = async function (text) {
  try {
    return await geoasm.inWorker(text);
  } catch {
    return geoasm.unpack(text);
  }
};

geoasm.inWorker = function (text) {
  const answer = () => {
    onmessage = async (event) => {
      const layer = await geoasm.unpack(event.data);
      const owned = Object.values(layer).filter(ArrayBuffer.isView).map((array) => array.buffer);
      postMessage(layer, [...new Set(owned)]);
    };
  };
  const source = `${document.getElementById("geoasm-decode").textContent}\n(${answer})();`;
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  return new Promise((resolve, reject) => {
    const worker = new Worker(url);
    const end = (settle) => (event) => {
      worker.terminate();
      URL.revokeObjectURL(url);
      settle(event.data || event);
    };
    worker.onmessage = end(resolve);
    worker.onerror = end(reject);
    worker.postMessage(text);
  });
};

geoasm.read = async function () {
  const page = JSON.parse(document.getElementById("geoasm-data").textContent);
  geoasm.words = page.words;
  geoasm.shapesOf = page.shapes;
  const elements = [...document.querySelectorAll(".geoasm-layer")];
  const texts = elements.map((element) => element.textContent.trim());
  elements.forEach((element) => element.remove());
  const sources = await Promise.all(texts.map(geoasm.reading));
  geoasm.layers = sources.map((source) => new geoasm.Layer(source));
  geoasm.layer = (id) => geoasm.layers.find((layer) => layer.id === id);
};

geoasm.say = function (key, values) {
  return geoasm.words[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
};
