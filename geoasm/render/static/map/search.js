// Search by code or name, without regard to accents and case.
geoasm.LISTED = 30;

// Rows of a layer in which some searched text has a part: a byte each, 2 where a first text begins with it.
// Yields now and then, where a search may rest.
geoasm.matches = function* (layer, part) {
  let found = new Uint8Array(layer.size);
  for (const [k, { text, starts, of }] of layer.haystacks.entries()) {
    const hits = new Uint8Array(starts.length + 1); // line by line from 1: 0 is the line of those without
    let some = 0;
    for (let at = text.indexOf(part), line = 0; at >= 0; at = text.indexOf(part, at)) {
      line = geoasm.lineAt(starts, at, line);
      hits[line + 1] = k === 0 && starts[line] === at ? 2 : 1;
      some += 1;
      if (line + 1 === starts.length) break;
      at = starts[line + 1];
    }
    if (some && k === 0 && !of) found = hits.slice(1);
    else if (some && of) for (let f = 0; f < layer.size; f++) found[f] = Math.max(found[f], hits[of[f]]);
    else if (some) for (let f = 0; f < layer.size; f++) found[f] = Math.max(found[f], hits[f + 1]);
    yield;
  }
  return found;
};

// The last line that begins at or before a place, not before `from`.
geoasm.lineAt = function (starts, at, from) {
  let [low, high] = [from, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle] <= at) low = middle;
    else high = middle - 1;
  }
  return low;
};

// Features in whose code, name or holder every word of a query stands: how many, and the first ones.
geoasm.finding = function* (query, most) {
  const parts = geoasm.fold(query).split(/\s+/).filter(Boolean);
  const found = { total: 0, rows: [] };
  const later = [];
  for (const layer of geoasm.layers.filter((l) => l.searched)) {
    const marks = [];
    for (const part of parts) marks.push(yield* geoasm.matches(layer, part));
    const [first, ...others] = marks;
    for (let f = 0; f < layer.size; f++) {
      if (!first[f] || !others.every((mark) => mark[f])) continue;
      found.total += 1;
      const rows = first[f] === 2 ? found.rows : later;
      if (rows.length < most) rows.push({ layer, f });
    }
  }
  found.rows = [...found.rows, ...later].slice(0, most);
  return found;
};

geoasm.find = function (query, most = geoasm.LISTED) {
  const steps = geoasm.finding(query, most);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
};

// The same in slices, so that the page answers meanwhile; a later search puts an end to an earlier one.
geoasm.findInSlices = function (query, show) {
  const steps = geoasm.finding(query, geoasm.LISTED);
  geoasm.searched = steps;
  const go = () => {
    if (geoasm.searched !== steps) return;
    const end = performance.now() + geoasm.SLICE_MS;
    let step = steps.next();
    while (!step.done && performance.now() < end) step = steps.next();
    if (step.done) show(step.value);
    else setTimeout(go);
  };
  go();
};

// Go to a feature and open its answer.
geoasm.go = function (row) {
  const { map } = geoasm;
  const { layer, f } = row;
  geoasm.release();
  geoasm.leave();
  if (layer.isPoint) map.setView(geoasm.unproject(...layer.at(f)), Math.max(map.getZoom(), 14), { animate: false });
  else map.fitBounds(geoasm.boundsOf(layer, f).pad(0.4), { animate: false, maxZoom: 16 });
  geoasm.open(row);
};

geoasm.open = function (row) {
  const { layer, f } = row;
  const box = document.querySelector(`[data-group="${CSS.escape(layer.groups[layer.member[f]].id)}"]`);
  if (!box.checked) {
    box.checked = true;
    geoasm.show([box]);
  }
  const point = layer.at(f);
  geoasm.going = row;
  geoasm.ask(geoasm.unproject(...point), point);
  geoasm.going = null;
};

// Everything that a query finds, as a selection, and the map around it.
geoasm.selectFound = async function (query) {
  geoasm.release();
  geoasm.leave();
  await geoasm.choose({ query });
  const bounds = L.latLngBounds([]);
  const { found } = geoasm.chosen || {};
  if (!found) return;
  for (const { layer, f } of found) {
    bounds.extend(layer.isPoint ? geoasm.unproject(...layer.at(f)) : geoasm.boundsOf(layer, f));
  }
  geoasm.map.fitBounds(bounds.pad(0.1), { animate: false, maxZoom: 14 });
};

geoasm.searching = function () {
  const input = document.getElementById("query");
  const list = document.getElementById("found");
  const count = document.getElementById("search-count");
  const unlocated = document.getElementById("search-unlocated");
  const all = document.getElementById("search-all");
  let shown = [];
  let active = -1;

  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    active = -1;
  };
  const choose = (i) => {
    close();
    geoasm.go(shown[i]);
  };
  const select = (i) => {
    active = (i + shown.length) % shown.length;
    [...list.children].forEach((item, k) => item.setAttribute("aria-selected", String(k === active)));
    list.children[active].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", list.children[active].id);
  };
  const update = () => {
    close();
    list.replaceChildren();
    count.textContent = "";
    all.hidden = true;
    if (unlocated) unlocated.hidden = true;
    shown = [];
    geoasm.searched = null;
    if (input.value.trim().length < 2) return;
    if (!geoasm.isSearchable) {
      count.textContent = geoasm.words.reading;
      geoasm.searchable.then(() => { if (document.activeElement === input) update(); });
      return;
    }
    geoasm.findInSlices(input.value, show);
  };
  const show = ({ rows, total }) => {
    shown = rows;
    count.textContent = total
      ? geoasm.say("search_found", { shown: geoasm.number(shown.length), total: geoasm.number(total) })
      : geoasm.words.search_empty;
    all.hidden = total < 2;
    if (unlocated) unlocated.hidden = total > 0;
    all.textContent = geoasm.say("search_all", { n: geoasm.number(total) });
    shown.forEach(({ layer, f }, i) => {
      const item = geoasm.element("li", layer.title(f));
      item.id = `found-${i}`;
      item.setAttribute("role", "option");
      const kind = layer.groups[layer.member[f]].label;
      const more = layer.search === null ? null : layer.columns[layer.search].at(f);
      item.append(geoasm.element("small", [kind, more].filter(Boolean).join(" · ")));
      item.addEventListener("mousedown", (event) => event.preventDefault());
      item.addEventListener("click", () => choose(i));
      list.append(item);
    });
    list.hidden = shown.length === 0 || document.activeElement !== input;
    input.setAttribute("aria-expanded", String(!list.hidden));
  };
  input.addEventListener("input", () => {
    update();
    geoasm.soon(geoasm.remember);
  });
  all.addEventListener("click", () => geoasm.selectFound(input.value.trim()));
  input.addEventListener("focus", update);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    else if (!list.hidden && event.key === "ArrowDown") select(active + 1);
    else if (!list.hidden && event.key === "ArrowUp") select(active - 1);
    else if (!list.hidden && event.key === "Enter") choose(Math.max(active, 0));
    else return;
    event.preventDefault();
  });
  const read = (text) => {
    input.value = text || "";
    count.textContent = "";
  };
  geoasm.states.push({ key: "q", write: () => input.value.trim(), read });
};

geoasm.tools.push(geoasm.searching);
