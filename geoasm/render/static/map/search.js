// Search by code or name, without regard to accents and case.
geoasm.LISTED = 30;

geoasm.fold = function (text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
};

geoasm.corpus = function () {
  const rows = [];
  for (const layer of geoasm.layers.filter((l) => l.searched)) {
    for (let f = 0; f < layer.size; f++) {
      const more = layer.search === null ? null : layer.columns[layer.search].at(f);
      const title = layer.title(f);
      if (title || more) rows.push({ layer, f, title, more, key: geoasm.fold([layer.title(f, " "), more].filter(Boolean).join(" ")) });
    }
  }
  return rows;
};

geoasm.find = function (query) {
  geoasm.rows = geoasm.rows || geoasm.corpus();
  const parts = geoasm.fold(query).split(/\s+/).filter(Boolean);
  const hits = geoasm.rows.filter((row) => parts.every((part) => row.key.includes(part)));
  const first = hits.filter((row) => row.key.startsWith(parts[0]));
  return [...first, ...hits.filter((row) => !row.key.startsWith(parts[0]))];
};

geoasm.go = function (row) {
  const { map } = geoasm;
  const { layer, f } = row;
  const group = layer.groups[layer.member[f]];
  const box = document.querySelector(`[data-group="${CSS.escape(group.id)}"]`);
  if (!box.checked) {
    box.checked = true;
    geoasm.show([box]);
  }
  const point = layer.at(f);
  const place = geoasm.unproject(...point);
  if (layer.isPoint) map.setView(place, Math.max(map.getZoom(), 14), { animate: false });
  else {
    map.fitBounds(geoasm.boundsOf(layer, f).pad(0.4), { animate: false, maxZoom: 16 });
  }
  geoasm.ask(place, point);
};

geoasm.searching = function () {
  const input = document.getElementById("query");
  const list = document.getElementById("found");
  const count = document.getElementById("search-count");
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
    shown = [];
    if (input.value.trim().length < 2) return;
    const hits = geoasm.find(input.value);
    shown = hits.slice(0, geoasm.LISTED);
    count.textContent = hits.length
      ? geoasm.say("search_found", { shown: shown.length, total: hits.length })
      : geoasm.words.search_empty;
    shown.forEach((row, i) => {
      const item = geoasm.element("li", row.title);
      item.id = `found-${i}`;
      item.setAttribute("role", "option");
      const kind = row.layer.groups[row.layer.member[row.f]].label;
      item.append(geoasm.element("small", [kind, row.more].filter(Boolean).join(" · ")));
      item.addEventListener("mousedown", (event) => event.preventDefault());
      item.addEventListener("click", () => choose(i));
      list.append(item);
    });
    list.hidden = shown.length === 0;
    input.setAttribute("aria-expanded", String(shown.length > 0));
  };
  input.addEventListener("input", update);
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
};

geoasm.tools.push(geoasm.searching);
