// What is at a point: found in the data, not in the pixels, so a hidden layer cannot hide a right.
geoasm.PAGE = 20;

geoasm.element = function (tag, text, className) {
  const element = document.createElement(tag);
  if (text !== undefined && text !== null) element.textContent = text;
  if (className) element.className = className;
  return element;
};

// Points within reach of a place, nearest first; reach is in world units.
geoasm.near = function (layer, x, y, reach) {
  const found = [];
  layer.within(x - reach, y - reach, x + reach, y + reach, (f) => {
    const distance = Math.hypot(layer.xy[2 * f] - x, layer.xy[2 * f + 1] - y);
    if (distance <= reach) found.push([distance, f]);
  });
  return found.sort((a, b) => a[0] - b[0] || a[1] - b[1]).map((pair) => pair[1]);
};

geoasm.crosses = function (layer, f, x, y, reach) {
  for (let r = layer.ringStart[f]; r < layer.ringStart[f + 1]; r++) {
    for (let v = layer.vertexStart[r] + 1; v < layer.vertexStart[r + 1]; v++) {
      const ax = layer.xy[2 * v - 2];
      const ay = layer.xy[2 * v - 1];
      const dx = layer.xy[2 * v] - ax;
      const dy = layer.xy[2 * v + 1] - ay;
      const along = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1);
      const t = Math.max(0, Math.min(1, along));
      if (Math.hypot(ax + t * dx - x, ay + t * dy - y) <= reach) return true;
    }
  }
  return false;
};

// Shapes at a place; of those that overlap the senior one first.
geoasm.shapesAt = function (layer, x, y, reach) {
  const found = [];
  layer.within(x - reach, y - reach, x + reach, y + reach, (f) => {
    const hit = layer.kind === "polygon" ? layer.contains(f, x, y) : geoasm.crosses(layer, f, x, y, reach);
    if (hit) found.push(f);
  });
  return found.sort((a, b) => layer.depthOf(a) - layer.depthOf(b) || a - b);
};

// Where a registration is at hand, the rights are those of its point as the run linked them.
geoasm.at = function (x, y, reach) {
  const registrations = geoasm.layer("registrations");
  const points = registrations ? geoasm.near(registrations, x, y, reach) : [];
  let [px, py] = [x, y];
  if (points.length) {
    px = registrations.xy[2 * points[0]];
    py = registrations.xy[2 * points[0] + 1];
  }
  const found = [];
  for (const layer of geoasm.layers) {
    let features = [];
    if (layer === registrations) features = points;
    else if (layer.isPoint) features = geoasm.near(layer, x, y, reach);
    else if (layer.kind === "polygon") features = geoasm.shapesAt(layer, px, py, 0);
    else features = geoasm.shapesAt(layer, x, y, reach);
    if (layer.id === "concessions" && points.length) {
      const linked = registrations.stackOf(points[0]);
      features = [...linked, ...features.filter((f) => !linked.includes(f))];
    }
    if (features.length) found.push({ layer, features });
  }
  const metres = Math.round((reach * geoasm.EARTH_M) / geoasm.WORLD / Math.cosh(Math.PI * (1 - (2 * y) / geoasm.WORLD)));
  const rank = (layer) => ["registrations", "concessions", "candidates"].indexOf(layer.id) >>> 0;
  return { x: px, y: py, metres, found: found.sort((a, b) => rank(a.layer) - rank(b.layer)) };
};

geoasm.picture = function (style) {
  const shown = document.querySelector(`[data-group="${CSS.escape(style)}"] ~ .swatch`);
  return shown ? shown.cloneNode(true) : geoasm.element("span");
};

geoasm.facts = function (layer, f, main) {
  const list = geoasm.element("dl");
  for (const field of layer.fields) {
    const value = field.main === main ? layer.value(field, f) : null;
    if (value === null) continue;
    list.append(geoasm.element("dt", field.label), geoasm.element("dd", value));
  }
  return list;
};

geoasm.card = function (layer, f, rank) {
  const article = geoasm.element("article");
  const group = layer.groups[layer.member[f]];
  const head = geoasm.element("p", null, "head");
  const title = (rank ? `${rank}. ` : "") + layer.title(f);
  head.append(geoasm.picture(group.id), geoasm.element("span", title));
  article.append(head);
  let kind = group.label;
  if (!layer.isShown(f)) {
    kind += ` (${geoasm.words.hidden_layer})`;
    article.className = "off";
  }
  article.append(geoasm.element("p", kind, "kind"));
  article.append(geoasm.facts(layer, f, true));
  const rest = geoasm.facts(layer, f, false);
  if (rest.childElementCount) {
    const details = geoasm.element("details");
    details.append(geoasm.element("summary", geoasm.words.details), rest);
    article.append(details);
  }
  return article;
};

// Places of rights from the senior one: those of one day share theirs, of the others the order is not said.
geoasm.ranked = function (layer, features) {
  const filed = layer.columns.find((column) => column.spec.kind === "day");
  const ranks = [];
  features.forEach((f, i) => {
    const isTied = i > 0 && filed && filed.at(f) !== null && filed.at(f) === filed.at(features[i - 1]);
    ranks.push(isTied ? ranks[i - 1] : i + 1);
  });
  return ranks;
};

// Cards in pages: a press of the button brings the next ones, so none is left unsaid.
geoasm.cards = function (parent, entry, from) {
  const { layer, features } = entry;
  const ranks = layer.id === "concessions" && features.length > 1 ? geoasm.ranked(layer, features) : [];
  for (const [i, f] of features.slice(from, from + geoasm.PAGE).entries()) {
    parent.append(geoasm.card(layer, f, ranks[from + i] || 0));
  }
  const left = features.length - from - geoasm.PAGE;
  if (left <= 0) return;
  const button = geoasm.element("button", geoasm.say("more", { n: left }));
  button.type = "button";
  button.addEventListener("click", (event) => {
    event.stopPropagation();
    button.remove();
    geoasm.cards(parent, entry, from + geoasm.PAGE);
  });
  parent.append(button);
};

geoasm.answer = function (result) {
  const box = geoasm.element("div", null, "popup");
  box.setAttribute("role", "dialog");
  box.setAttribute("aria-label", geoasm.words.popup);
  box.tabIndex = -1;
  const place = geoasm.unproject(result.x, result.y);
  box.append(geoasm.element("h2", geoasm.words.popup));
  const values = { lat: place.lat.toFixed(5), lon: place.lng.toFixed(5), utm: geoasm.utmText(place) };
  box.append(geoasm.element("p", geoasm.say("point", values), "kind"));
  if (!result.found.length) box.append(geoasm.element("p", geoasm.words.nothing_here));
  const context = result.found.filter((entry) => entry.layer.id.startsWith("context"));
  const areas = context.reduce((sum, entry) => sum + entry.features.length, 0);
  for (const entry of result.found) {
    if (entry === context[0] || !context.includes(entry)) {
      const n = entry === context[0] ? areas : entry.features.length;
      const heading = entry.layer.here.replace("{n}", geoasm.number(n));
      const isNear = entry.layer.isPoint && result.metres && entry !== context[0];
      box.append(geoasm.element("h3", isNear ? `${heading} ${geoasm.say("within", { m: geoasm.number(result.metres) })}` : heading));
    }
    if (entry.layer.id === "concessions" && result.found[0].layer.isPoint && result.found[0].features.length > 1) {
      box.append(geoasm.element("p", geoasm.words.of_nearest, "hint"));
    }
    const cards = geoasm.element("div");
    box.append(cards);
    geoasm.cards(cards, entry, 0);
  }
  return box;
};
