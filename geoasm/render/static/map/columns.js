// Columns of a packed layer, read when somebody first asks: most are never read whole. Runs in a worker too.
geoasm.Lines = class {
  // Texts, a line each: where they begin is found once, what they say when asked.
  constructor(bytes) {
    this.bytes = bytes;
    const starts = [0];
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) starts.push(at + 1);
    starts.push(bytes.length + 1);
    this.starts = Uint32Array.from(starts);
    this.size = bytes.length ? starts.length - 1 : 0;
  }

  at(i) {
    const text = geoasm.Lines.decoder.decode(this.bytes.subarray(this.starts[i], this.starts[i + 1] - 1));
    return text.includes("\\") ? text.replace(/\\(.)/g, (_, c) => (c === "n" ? "\n" : c)) : text;
  }
};
geoasm.Lines.decoder = new TextDecoder();

// How the page writes numbers and dates; the page fills it in.
geoasm.ways = { group: ",", point: ".", minus: "-", months: [], day: "y-MM-dd" };

geoasm.digits = function (scaled, decimals, grouped) {
  const { group, point, minus } = geoasm.ways;
  const all = String(Math.abs(scaled)).padStart(decimals + 1, "0");
  const whole = all.slice(0, all.length - decimals);
  const parted = grouped ? whole.replace(/\B(?=(\d{3})+$)/g, group) : whole;
  return (scaled < 0 ? minus : "") + parted + (decimals ? point + all.slice(-decimals) : "");
};

geoasm.dayText = function (days) {
  const date = new Date(days * 86400000);
  const [y, m, d] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  return geoasm.ways.day.replace(/'([^']*)'|y+|M+|d+/g, (token, quoted) => {
    if (quoted !== undefined) return quoted || "'";
    if (token[0] === "y") return token.length === 2 ? String(y).slice(-2) : String(y);
    if (token[0] === "d") return String(d).padStart(token.length, "0");
    return token.length > 2 ? geoasm.ways.months[m] : String(m + 1).padStart(token.length, "0");
  });
};

geoasm.Column = class {
  constructor(layer, spec, size = layer.size) {
    Object.assign(this, { layer, spec, size, loaded: false });
  }

  load() {
    const { layer, spec } = this;
    const Kind = spec.kind === "digits" ? Float64Array : Uint32Array;
    const numbers = (name, n) => geoasm.numbers(layer, name, Kind, n);
    const lines = (name) => new geoasm.Lines(geoasm.section(layer, name));
    this.loaded = true;
    if (spec.kind === "keyed") {
      this.inner = new geoasm.Column(layer, spec.column, spec.size);
      layer.key = layer.key || geoasm.numbers(layer, "key", Uint32Array, layer.size);
    } else if (spec.kind === "numbered") {
      this.inner = new geoasm.Column(layer, spec.column, this.size);
      this.values = numbers(spec.section, this.size);
    } else if (spec.kind === "text") this.lines = lines(spec.section);
    else if (spec.kind === "dictionary") {
      this.lines = lines(`${spec.section}.words`);
      this.values = geoasm.numbers(layer, spec.section, Uint32Array, this.size);
    } else if (spec.kind !== "none") {
      this.values = numbers(spec.section, this.size);
      if (spec.ranked) this.ranked = geoasm.signed(layer, `${spec.section}.values`, spec.ranked);
      if (spec.kind === "digits") this.loadOdd(lines(`${spec.section}.odd`));
    }
  }

  // Codes that are no numbers stand apart, in the order of their rows.
  loadOdd(lines) {
    this.odd = lines;
    this.oddRows = new Uint32Array(lines.size);
    for (let f = 0, n = 0; f < this.size; f++) if (this.values[f] === 1) this.oddRows[n++] = f;
  }

  oddAt(f) {
    let [low, high] = [0, this.oddRows.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.oddRows[middle] < f) low = middle + 1;
      else high = middle;
    }
    return this.odd.at(low);
  }

  // The text of a row, null where there is none.
  at(f) {
    const { spec } = this;
    if (spec.kind === "none") return null;
    if (!this.loaded) this.load();
    if (spec.kind === "text") return this.lines.at(f) || null;
    if (spec.kind === "keyed") return this.layer.key[f] ? this.inner.at(this.layer.key[f] - 1) : null;
    const value = this.values[f];
    if (spec.kind === "numbered") return value ? `${this.inner.at(f)} ${value - 1}` : this.inner.at(f);
    if (!value) return null;
    if (spec.kind === "dictionary") return this.lines.at(value - 1) || null;
    if (spec.kind === "digits") return value === 1 ? this.oddAt(f) : String(value - 2).padStart(spec.width, "0");
    if (spec.kind === "day") return geoasm.dayText(value - 1 + Date.parse(spec.first) / 86400000);
    return spec.template.replace("{value}", geoasm.digits(this.number(f), spec.decimals, spec.grouped));
  }

  // What its values are, also where they stand once a key.
  get plain() {
    return this.spec.kind === "keyed" ? this.spec.column : this.spec;
  }

  // The day of a row, null where there is none.
  iso(f) {
    if (!this.loaded) this.load();
    if (this.inner) return this.layer.key[f] ? this.inner.iso(this.layer.key[f] - 1) : null;
    if (!this.values[f]) return null;
    return new Date(Date.parse(this.spec.first) + (this.values[f] - 1) * 86400000).toISOString().slice(0, 10);
  }

  // The number of a row, NaN where there is none.
  amount(f) {
    if (!this.loaded) this.load();
    if (this.inner) return this.layer.key[f] ? this.inner.amount(this.layer.key[f] - 1) : NaN;
    return this.values[f] ? this.number(f) / 10 ** this.spec.decimals : NaN;
  }

  // The number of a row in units of its last decimal.
  number(f) {
    const value = this.values[f] - 1;
    let number = value % 2 ? -(value + 1) / 2 : value / 2;
    if (this.ranked) number = this.ranked[value];
    return this.spec.ofShape ? number + this.layer.tenthsHa[f] : number;
  }
};

geoasm.fold = function (text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
};

// What a search looks through: the distinct texts of a column, folded, a line each; `of` gives each row's line from 1.
geoasm.haystack = function (layer, place) {
  let column = new geoasm.Column(layer, layer.columns[place]);
  if (column.spec.kind === "none") return null;
  column.load();
  let of = null;
  if (column.spec.kind === "keyed") {
    of = layer.key;
    column = column.inner;
    column.load();
  }
  let say = (i) => column.at(i) || "";
  let n = column.size;
  if (column.spec.kind === "dictionary") {
    of = of ? of.map((k) => (k ? column.values[k - 1] : 0)) : column.values;
    say = (i) => column.lines.at(i);
    n = column.lines.size;
  }
  const texts = [];
  for (let i = 0; i < n; i++) texts.push(say(i).replace(/\n/g, " "));
  const text = geoasm.fold(texts.join("\n"));
  const starts = new Uint32Array(n);
  for (let i = 1, at = 0; i < n; i++) {
    at = text.indexOf("\n", at) + 1;
    starts[i] = at;
  }
  return { text, starts, of };
};

// One after the other: each is large.
geoasm.haystacks = function* (layer) {
  if (!layer.searched) return;
  for (const place of [layer.name, layer.subtitle, layer.search]) {
    const found = place === null ? null : geoasm.haystack(layer, place);
    if (found) yield found;
  }
};
