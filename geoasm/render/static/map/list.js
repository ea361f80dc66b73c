// What is in view as a table: the map for whoever cannot see it, and for whoever wants it in order.
geoasm.ROWS = 50;
geoasm.SETTLED_MS = 150;

// A text that says a quantity or a day, as a number to sort by; NaN for any other.
geoasm.quantity = function (text) {
  const number = /^(\d[\d,]*(?:\.\d+)?)(?:\s?(?:%|ha|m|km))?(?:$|\s*[-\u2013])/.exec(text);
  if (number) return Number(number[1].replace(/,/g, ""));
  const day = /^(?:(\d{1,2}) ([^\W\d]{3})\S*|([^\W\d]{3})\S* (\d{1,2}),) (\d{4})$/u.exec(text);
  if (!day) return NaN;
  const name = geoasm.fold(day[2] || day[3]);
  const month = geoasm.months().findIndex((one) => one.startsWith(name) || (one.startsWith("se") && name.startsWith("se")));
  return month < 0 ? NaN : Number(day[5]) * 400 + month * 32 + Number(day[1] || day[4]);
};

geoasm.months = function () {
  if (!geoasm.monthNames) {
    const { format } = new Intl.DateTimeFormat(geoasm.words.locales, { month: "long", timeZone: "UTC" });
    geoasm.monthNames = [...Array(12).keys()].map((m) => geoasm.fold(format(Date.UTC(2000, m, 15))));
  }
  return geoasm.monthNames;
};

geoasm.listColumns = function (layer) {
  const { words } = geoasm;
  if (layer.listed) return layer.listed;
  const has = (column) => layer.columns[column].spec.kind !== "none";
  const columns = [{ label: words.list_code, value: (f) => layer.columns[layer.name].at(f) }];
  if (has(layer.subtitle)) columns.push({ label: words.list_name, value: (f) => layer.columns[layer.subtitle].at(f) });
  if (layer.groups.length > 1) {
    columns.push({ label: words.list_group, value: (f) => layer.groups[layer.member[f]].label, rank: (f) => layer.member[f] });
  }
  if (layer.kind === "polygon") {
    const hectares = (f) => geoasm.hectares(layer, f);
    columns.push({ label: words.list_hectares, value: (f) => geoasm.number(Number(hectares(f).toFixed(1))), rank: hectares, isNumber: true });
  }
  for (const field of layer.fields.filter((one) => one.main)) {
    columns.push({ label: field.label, value: (f) => layer.value(field, f) });
  }
  layer.listed = columns;
  return columns;
};

// Numbers to sort the rows of a layer by, once a column: quantities and days by size, other texts by their letters.
geoasm.ranks = function (layer, column) {
  if (column.ranks) return column.ranks;
  const values = Array.from({ length: layer.size }, (_, f) => (column.rank || column.value)(f));
  if (!column.rank) {
    const distinct = [...new Set(values)].filter((value) => value !== null);
    const quantities = distinct.map(geoasm.quantity);
    const place = new Map(distinct.map((value, i) => [value, quantities[i]]));
    if (column === geoasm.listColumns(layer)[0] || quantities.some(Number.isNaN)) {
      const folded = distinct.map((value) => [geoasm.fold(value), value]);
      folded.sort((a, b) => (a[0] < b[0] ? -1 : Number(a[0] > b[0])));
      folded.forEach(([, value], i) => place.set(value, i));
    }
    column.ranks = Float64Array.from(values, (value) => (value === null ? NaN : place.get(value)));
  } else column.ranks = Float64Array.from(values);
  return column.ranks;
};

geoasm.List = class {
  constructor(map) {
    const part = (name) => document.getElementById(`list${name}`);
    Object.assign(this, { map, section: part(""), layers: part("-layer"), caption: part("-caption"), head: part("-head") });
    Object.assign(this, { body: part("-body"), opener: part("-open"), before: part("-before"), after: part("-after") });
    Object.assign(this, { stale: part("-stale"), hint: part("-hint"), page: 0, sort: null, found: [] });
    map.getContainer().after(this.section);
    for (const layer of [...geoasm.layers].reverse()) {
      const option = geoasm.element("option", geoasm.words[layer.id] || layer.groups[0].label);
      option.value = layer.id;
      this.layers.append(option);
    }
    this.opener.disabled = !geoasm.layers.length;
    this.layers.addEventListener("change", () => this.collect(true));
    this.opener.addEventListener("click", () => this.show(this.section.hidden));
    part("-close").addEventListener("click", () => this.show(false));
    part("-update").addEventListener("click", () => {
      this.collect(true);
      this.layers.focus();
    });
    this.before.addEventListener("click", () => this.turn(-1));
    this.after.addEventListener("click", () => this.turn(1));
    this.body.addEventListener("keydown", (event) => this.key(event));
    this.section.addEventListener("keydown", (event) => { if (event.key === "Escape" && !geoasm.mode) this.show(false); });
    this.body.addEventListener("click", (event) => this.choose(event.target.closest("tr")));
    map.on("moveend", () => this.later());
    document.getElementById("panel").addEventListener("change", () => this.later());
  }

  show(on) {
    this.section.hidden = !on;
    this.opener.setAttribute("aria-expanded", String(on));
    document.body.classList.toggle("listing", on);
    this.map.invalidateSize({ animate: false });
    if (on) this.collect(true);
    if (on) this.section.scrollIntoView({ block: "nearest" });
    (on ? this.layers : this.opener).focus();
  }

  // After a move of the reader's; a move to a row of the list leaves the list as it is, and says so.
  later() {
    clearTimeout(this.timer);
    if (this.section.hidden) return;
    this.timer = setTimeout(() => {
      if (Date.now() - (this.wentAt || 0) < 1000) this.stale.hidden = false;
      else this.collect(true);
    }, geoasm.SETTLED_MS);
  }

  // Rows in view of what the legend shows; no text is read but those of the column in order and of the page.
  async collect(isNew) {
    const layer = geoasm.layer(this.layers.value);
    if (!layer) return;
    if (geoasm.layers.some((one) => !one.isWhole)) await geoasm.whole();
    if (this.layer !== layer) this.sort = null;
    this.layer = layer;
    if (isNew) {
      clearTimeout(this.timer);
      this.page = 0;
      this.stale.hidden = true;
      this.found = [];
      layer.within(...geoasm.box(this.map.getBounds()), (f) => { if (layer.isShown(f)) this.found.push(f); });
    }
    if (this.sort) {
      const ranks = geoasm.ranks(layer, this.sort.column);
      const { way } = this.sort;
      const last = (f) => Number(Number.isNaN(ranks[f]));
      this.found.sort((a, b) => last(a) - last(b) || (last(a) ? 0 : way * (ranks[a] - ranks[b])) || a - b);
    }
    this.draw();
  }

  draw() {
    const { found, layer } = this;
    const from = this.page * geoasm.ROWS;
    const rows = found.slice(from, from + geoasm.ROWS);
    const values = { from: geoasm.number(rows.length ? from + 1 : 0), to: geoasm.number(from + rows.length), total: geoasm.number(found.length) };
    const isShown = layer.groups.some(({ id }) => document.querySelector(`[data-group="${CSS.escape(id)}"]:checked`));
    this.caption.textContent = geoasm.say(isShown ? "list_rows" : "list_hidden", values);
    this.before.disabled = from === 0;
    this.after.disabled = from + geoasm.ROWS >= found.length;
    this.hint.hidden = !rows.length;
    const columns = geoasm.listColumns(layer);
    this.heads(columns);
    this.body.replaceChildren(...rows.map((f, i) => this.row(columns, f, i)));
    this.section.querySelector(".rows").scrollTop = 0;
  }

  heads(columns) {
    const focused = [...this.head.querySelectorAll("button")].indexOf(document.activeElement);
    const row = geoasm.element("tr");
    for (const column of columns) {
      const head = geoasm.element("th", null, column.isNumber ? "number" : null);
      head.scope = "col";
      const way = this.sort && this.sort.column === column ? this.sort.way : 0;
      head.setAttribute("aria-sort", ["descending", "none", "ascending"][way + 1]);
      head.append(geoasm.button(column.label, () => {
        this.sort = { column, way: way === 1 ? -1 : 1 };
        this.page = 0;
        this.collect(false);
      }));
      row.append(head);
    }
    this.head.replaceChildren(row);
    const buttons = row.querySelectorAll("button");
    if (focused >= 0) buttons[Math.min(focused, buttons.length - 1)].focus();
  }

  row(columns, f, i) {
    const row = geoasm.element("tr");
    const head = geoasm.element("th");
    head.scope = "row";
    const button = geoasm.element("button", null);
    button.type = "button";
    button.tabIndex = i ? -1 : 0;
    const group = this.layer.groups[this.layer.member[f]];
    button.append(geoasm.picture(group.id), geoasm.element("span", columns[0].value(f) || group.label));
    head.append(button);
    row.append(head);
    row.dataset.row = String(f);
    for (const column of columns.slice(1)) row.append(geoasm.element("td", column.value(f), column.isNumber ? "number" : null));
    return row;
  }

  turn(by) {
    this.page += by;
    this.draw();
    const [wanted, other] = by < 0 ? [this.before, this.after] : [this.after, this.before];
    if (wanted.disabled) other.focus();
  }

  key(event) {
    const buttons = [...this.body.querySelectorAll("button")];
    const at = buttons.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (to === undefined || !buttons[to]) return;
    event.preventDefault();
    for (const [i, button] of buttons.entries()) button.tabIndex = i === to ? 0 : -1;
    buttons[to].focus();
  }

  choose(row) {
    if (!row) return;
    for (const other of this.body.children) other.removeAttribute("aria-current");
    row.setAttribute("aria-current", "true");
    row.querySelector("button").focus({ preventScroll: true });
    this.wentAt = Date.now();
    const container = this.map.getContainer();
    if (container.getBoundingClientRect().top < 0) container.scrollIntoView();
    geoasm.go({ layer: this.layer, f: Number(row.dataset.row) });
  }
};

geoasm.tools.push((map) => {
  geoasm.list = new geoasm.List(map);
  document.getElementById("list-skip").addEventListener("click", (event) => {
    event.preventDefault();
    geoasm.list.show(true);
  });
});
