// Ties the map together. A tool of the page is a file that adds itself to `geoasm.tools`.
geoasm.tools = [];

geoasm.start = async function (map) {
  geoasm.map = map;
  geoasm.read();
  const container = map.getContainer();
  container.setAttribute("role", "region");
  container.setAttribute("aria-label", geoasm.words.region);
  container.append(geoasm.element("div", null, "cross"));
  for (const [name, zIndex] of [["geoasm", 320], ["graticule", 330], ["regions", 410]]) {
    map.createPane(name).style.zIndex = zIndex;
  }
  for (const name of ["graticule", "regions"]) map.getPane(name).style.pointerEvents = "none";
  geoasm.controls();
  geoasm.legend();
  geoasm.home = geoasm.extent();
  map.options.minZoom = 3;
  map.options.maxZoom = 19;
  map.fitBounds(geoasm.home, { padding: [24, 24], animate: false });
  geoasm.grid = new geoasm.Grid();
  geoasm.graticule();
  geoasm.regionList();
  for (const tool of geoasm.tools) tool(map);
  geoasm.permalink();
  geoasm.listen(map, container);
  geoasm.countView();
  await geoasm.readView();
  geoasm.grid.once("painted", () => {
    document.documentElement.dataset.map = "painted";
    geoasm.isPainted();
  });
  geoasm.grid.addTo(map);
  geoasm.countView();
  geoasm.readRest();
};

geoasm.listen = function (map, container) {
  for (const work of [geoasm.regions, geoasm.countView]) map.on("moveend", () => geoasm.soon(work));
  map.on("click", (event) => {
    if (!geoasm.busy()) geoasm.ask(event.latlng);
  });
  container.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === container) geoasm.ask(map.getCenter());
  });
  window.addEventListener("beforeprint", () => geoasm.forPrint(true));
  window.addEventListener("afterprint", () => geoasm.forPrint(false));
};

// Of the run's own features; a national layer of context does not widen the view.
geoasm.extent = function () {
  const own = geoasm.layers.filter((layer) => !layer.id.startsWith("context"));
  const bounds = L.latLngBounds([]);
  for (const layer of own.length ? own : geoasm.layers) {
    if (!layer.bounds) continue;
    const [west, south, east, north] = layer.bounds;
    bounds.extend([[south, west], [north, east]]);
  }
  return bounds.isValid() ? bounds : L.latLngBounds([[-60, -150], [60, 150]]);
};

geoasm.controls = function () {
  const { words, map } = geoasm;
  L.control.zoom({ position: "bottomright", zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(map);
  L.control.scale({ imperial: false, maxWidth: 160 }).addTo(map);
  const Whole = L.Control.extend({
    onAdd: () => {
      const bar = geoasm.element("div", null, "leaflet-bar");
      const button = geoasm.element("button", "⤢", "whole");
      button.type = "button";
      button.title = words.whole;
      button.setAttribute("aria-label", words.whole);
      button.addEventListener("click", () => map.fitBounds(geoasm.home, { padding: [24, 24] }));
      L.DomEvent.disableClickPropagation(bar);
      bar.append(button);
      return bar;
    },
  });
  new Whole({ position: "bottomright" }).addTo(map);
};

geoasm.legend = function () {
  const boxes = [...document.querySelectorAll("[data-group]")];
  for (const box of boxes) box.addEventListener("change", () => geoasm.show([box]));
  for (const button of document.querySelectorAll("[data-all]")) {
    const inside = [...button.closest("fieldset").querySelectorAll("[data-group]:enabled")];
    button.addEventListener("click", () => {
      for (const box of inside) box.checked = button.dataset.all === "1";
      geoasm.show(inside);
    });
  }
};

geoasm.show = function (boxes) {
  for (const box of boxes) {
    for (const layer of geoasm.layers) {
      const g = layer.groups.findIndex((group) => group.id === box.dataset.group);
      if (g >= 0) layer.shown[g] = box.checked;
      if (g >= 0 && layer.id.startsWith("context:admin:")) geoasm.regions();
    }
  }
  geoasm.grid.repaint();
  if (geoasm.chosen) geoasm.soon(geoasm.tell);
};

geoasm.ask = async function (latlng, point) {
  const { map } = geoasm;
  if (geoasm.layers.some((layer) => !layer.isWhole)) await geoasm.whole();
  const [x, y] = point || geoasm.project(latlng.lng, latlng.lat);
  const reach = (9 * geoasm.WORLD) / (geoasm.TILE * 2 ** map.getZoom());
  const result = geoasm.at(x, y, point ? 0 : reach);
  const answer = geoasm.answer(result);
  const width = Math.min(400, map.getSize().x - 60);
  const popup = L.popup({ maxWidth: width, minWidth: Math.min(300, width), autoPanPadding: [12, 12] });
  const back = document.activeElement;
  popup.setLatLng(geoasm.unproject(result.x, result.y)).setContent(answer).openOn(map);
  const close = popup.getElement().querySelector(".leaflet-popup-close-button");
  close.title = geoasm.words.close;
  close.setAttribute("aria-label", geoasm.words.close);
  const rights = result.found.find((entry) => entry.layer.id === "concessions");
  geoasm.mark(rights ? rights.layer : null, rights ? rights.features : []);
  popup.on("remove", () => {
    geoasm.mark(null, []);
    if (back && back.focus) back.focus({ preventScroll: true });
  });
  answer.addEventListener("keydown", (event) => {
    if (event.key === "Escape") map.closePopup(popup);
  });
  answer.focus({ preventScroll: true });
};

// Outlines of the rights that the open answer speaks of.
geoasm.mark = function (layer, features) {
  if (geoasm.marked) geoasm.marked.remove();
  geoasm.marked = null;
  if (!layer) return;
  const rings = features.flatMap((f) => geoasm.ringsOf(layer, f));
  const line = (color, weight) => L.polyline(rings, { color, weight, opacity: 1, interactive: false });
  geoasm.marked = L.layerGroup([line("#1a1a1a", 5.5), line("#ffd400", 2.5)]).addTo(geoasm.map);
};

// Meridians and parallels at a round step: the only frame where no other is given.
geoasm.graticule = function () {
  const { map } = geoasm;
  const lines = L.layerGroup().addTo(map);
  const label = (latlng, text, anchor) => L.marker(latlng, {
    pane: "graticule", interactive: false, keyboard: false,
    icon: L.divIcon({ className: "degrees", iconSize: null, iconAnchor: anchor, html: geoasm.element("span", text) }),
  });
  const draw = () => {
    lines.clearLayers();
    const view = map.getBounds();
    const span = view.getEast() - view.getWest();
    const step = [30, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001].find((s) => span / s >= 4) || 0.001;
    const decimals = Math.max(0, Math.ceil(-Math.log10(step)));
    const style = { pane: "graticule", color: "#8a8570", opacity: 0.3, weight: 1, interactive: false };
    const degrees = (value) => `${value.toFixed(decimals)}°`;
    for (let i = Math.ceil(view.getWest() / step); i * step <= view.getEast(); i++) {
      const lon = i * step;
      lines.addLayer(L.polyline([[view.getSouth(), lon], [view.getNorth(), lon]], style));
      lines.addLayer(label([view.getNorth(), lon], degrees(lon), [-3, -3]));
    }
    for (let i = Math.ceil(view.getSouth() / step); i * step <= view.getNorth(); i++) {
      const lat = i * step;
      lines.addLayer(L.polyline([[lat, view.getWest()], [lat, view.getEast()]], style));
      lines.addLayer(label([lat, view.getEast()], degrees(lat), [52, 15]));
    }
  };
  map.on("moveend", () => geoasm.soon(draw));
  draw();
};

// A list to go to a region by: rights far apart are specks on one screen.
geoasm.regionList = function () {
  const select = document.getElementById("region");
  const layer = geoasm.layer("context:admin:polygon");
  if (!select || !layer) return;
  layer.stages.whole.then(() => {
    geoasm.regions();
    if (geoasm.base) geoasm.soon(geoasm.baseNames);
  });
  geoasm.fillRegions(select, layer);
  select.addEventListener("change", () => {
    const bounds = select.value === "" ? geoasm.home : geoasm.boundsOf(layer, Number(select.value));
    geoasm.map.fitBounds(bounds, { padding: [12, 12], animate: false });
  });
};

geoasm.OPTIONS = 200; // that are made at once

geoasm.fillRegions = async function (select, layer) {
  await layer.stages.whole;
  await geoasm.turn();
  const titles = [...Array(layer.size).keys()].map((f) => geoasm.regionTitle(layer, f));
  const folded = titles.map(geoasm.fold);
  const order = [...titles.keys()].sort((a, b) => (folded[a] < folded[b] ? -1 : Number(folded[a] > folded[b])));
  for (let i = 0; i < order.length; i += geoasm.OPTIONS) {
    await geoasm.turn();
    select.append(...order.slice(i, i + geoasm.OPTIONS).map((f) => new Option(titles[f], String(f))));
  }
};

geoasm.boundsOf = function (layer, f) {
  const [west, north, east, south] = layer.boxes.subarray(4 * f, 4 * f + 4);
  return L.latLngBounds([geoasm.unproject(west, north), geoasm.unproject(east, south)]);
};

geoasm.MOST_NAMES = 60; // of regions in view; more are not read, and each costs a browser time

geoasm.ROOM = 5; // pixels a letter that a region is wide, or it goes unnamed: names are not to cover what is mined

// Names of the regions in view, the widest first, each where no other stands yet.
geoasm.regions = function () {
  const { map } = geoasm;
  const layer = geoasm.layer("context:admin:polygon");
  geoasm.regionNames = geoasm.regionNames || L.layerGroup().addTo(map);
  geoasm.regionNames.clearLayers();
  if (!layer || !layer.shown[0] || !layer.isWhole) return;
  const scale = (geoasm.TILE * 2 ** map.getZoom()) / geoasm.WORLD;
  const width = (f) => layer.boxes[4 * f + 2] - layer.boxes[4 * f];
  const [west, north, east, south] = geoasm.box(map.getBounds());
  const seen = [];
  layer.within(west, north, east, south, (f) => seen.push(f));
  const taken = [];
  for (const f of seen.sort((a, b) => width(b) - width(a) || a - b)) {
    if (taken.length === geoasm.MOST_NAMES) break;
    const [wx, wy] = layer.at(f);
    if (wx < west || wx > east || wy < north || wy > south) continue;
    const name = layer.columns[layer.name].at(f);
    if (!name || width(f) * scale < geoasm.ROOM * name.length) continue;
    const [x, y] = [wx * scale, wy * scale];
    const half = 4.5 * name.length;
    if (taken.some((t) => Math.abs(t.x - x) < t.half + half && Math.abs(t.y - y) < 14)) continue;
    taken.push({ x, y, half });
    const html = geoasm.element("span", name, "region-name");
    L.marker(geoasm.unproject(wx, wy), {
      pane: "regions", interactive: false, keyboard: false,
      icon: L.divIcon({ className: "", iconSize: [0, 0], html }),
    }).addTo(geoasm.regionNames);
  }
};

// Paper has its own size: the map takes it before the printer looks, sharper than the screen.
geoasm.forPrint = function (on) {
  const { map, grid } = geoasm;
  document.body.classList.toggle("printing", on);
  if (on) geoasm.before = { center: map.getCenter(), zoom: map.getZoom(), bounds: map.getBounds() };
  grid.ratio = on ? 2 : 0;
  map.invalidateSize({ animate: false, pan: false });
  if (on) map.fitBounds(geoasm.before.bounds, { animate: false });
  else map.setView(geoasm.before.center, geoasm.before.zoom, { animate: false });
  geoasm.settle();
  grid.repaintNow();
};
