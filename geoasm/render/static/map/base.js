// The ground under the data: sea, land, regions, rivers and towns of the profile's base map.
geoasm.BASE_ZOOM = 12; // what is drawn for a country is wrong by more than a mark's size further in
geoasm.BASE_LINES = { outline: "#8f8c7d", border: "#b3afa0", region: "#cbc7b7", faint: "#e2dfd4", shore: "#b5cbd8" };
geoasm.TOWN_RANKS = { 3: 1, 4: 2, 5: 3, 6: 4, 7: 6, 8: 7 }; // the last rank shown, by zoom; beyond: all
geoasm.MAIN_TOWN = 3; // ranks below it are named before anything else
geoasm.NAME_STEP = 24; // pixels a cell of the search for room for a name
geoasm.NAME_TRIES = 40;

geoasm.tools.push(async (map) => {
  const layers = geoasm.taken("base");
  if (!layers.length) return;
  map.createPane("base").style.zIndex = 250;
  map.createPane("base-names").style.zIndex = 405;
  for (const name of ["base", "base-names"]) {
    map.getPane(name).style.pointerEvents = "none";
    map.getPane(name).setAttribute("aria-hidden", "true");
  }
  const { words } = geoasm;
  L.control.attribution({ prefix: false, position: "bottomleft" }).addAttribution(words.base_note).addTo(map);
  for (const layer of layers) layer.read();
  await Promise.all(layers.map((layer) => layer.stages.whole));
  geoasm.base = Object.fromEntries(layers.map((layer) => [layer.id.slice("base:".length), layer]));
  new geoasm.BaseGrid().addTo(map);
  const tiles = (layer) => layer.options && layer.options.pane === "online";
  const cover = (hidden) => (event) => {
    if (tiles(event.layer)) map.getPane("base").hidden = hidden;
  };
  map.on("layeradd", cover(true)).on("layerremove", cover(false));
  map.on("moveend", () => geoasm.soon(geoasm.baseNames));
  document.getElementById("legend").addEventListener("change", () => geoasm.soon(geoasm.baseNames));
  geoasm.baseNames();
  document.documentElement.dataset.base = "ready";
});

// The run's own regions speak louder than those of the base map.
geoasm.ownRegions = function () {
  const layer = geoasm.layer("context:admin:polygon");
  return layer && layer.shown[0] ? layer : null;
};

geoasm.BaseGrid = L.GridLayer.extend({
  options: { pane: "base", maxZoom: geoasm.BASE_ZOOM, keepBuffer: 1, updateWhenZooming: false },

  // A tile a frame's slice; a printer waits for none.
  createTile: function (coords, done) {
    const tile = document.createElement("canvas");
    if (document.body.classList.contains("printing")) {
      this.paint(tile, coords);
      setTimeout(done, 0, null, tile);
      return tile;
    }
    setTimeout(() => {
      this.paint(tile, coords);
      done(null, tile);
    });
    return tile;
  },

  paint: function (tile, coords) {
    const ratio = geoasm.grid.ratio || window.devicePixelRatio || 1;
    tile.width = tile.height = geoasm.TILE * ratio;
    const context = tile.getContext("2d");
    context.scale(ratio, ratio);
    context.lineJoin = "round";
    const view = { scale: (geoasm.TILE * 2 ** coords.z) / geoasm.WORLD, x: coords.x * geoasm.TILE, y: coords.y * geoasm.TILE };
    const { world, countries, regions, lakes, rivers } = geoasm.base;
    const color = (layer) => layer.groups[0].style.color;
    const lines = geoasm.BASE_LINES;
    context.fillStyle = color(lakes || regions);
    context.fillRect(0, 0, geoasm.TILE, geoasm.TILE);
    const draw = (layer, fill, stroke, width) => {
      if (!layer) return;
      const path = this.path(layer, view);
      if (stroke) {
        context.strokeStyle = stroke;
        context.lineWidth = width;
        context.stroke(path);
      }
      if (!fill) return;
      context.fillStyle = fill;
      context.fill(path, "evenodd");
    };
    if (world) draw(world, color(world));
    if (countries) {
      draw(countries, color(countries), lines.border, 1);
      draw(countries, null, lines.border, 1);
    }
    draw(regions, color(regions), lines.outline, 3); // inside it is painted over: the outline is left
    draw(regions, null, geoasm.ownRegions() ? lines.faint : lines.region, 0.8);
    if (lakes) draw(lakes, color(lakes), lines.shore, 1.2);
    if (rivers) this.flow(context, rivers, view, coords.z);
  },

  // The great rivers first, wider; the small ones where there is room for them.
  flow: function (context, rivers, view, zoom) {
    rivers.groups.forEach((group, g) => {
      const rank = Number(group.label);
      if (rank > zoom + 2) return;
      context.strokeStyle = group.style.color;
      context.lineWidth = rank < 3 ? 1.8 : rank < 7 ? 1.3 : 0.9;
      context.stroke(this.path(rivers, view, (f) => rivers.member[f] === g));
    });
  },

  // Features of a layer that meet a tile, as one path: borders that two of them share leave no seam.
  path: function (layer, view, keep = () => true) {
    const path = new Path2D();
    const margin = geoasm.MARGIN;
    const edges = [view.x - margin, view.y - margin, view.x + geoasm.TILE + margin, view.y + geoasm.TILE + margin];
    layer.within(...edges.map((edge) => edge / view.scale), (f) => {
      if (!keep(f)) return;
      for (let r = layer.ringStart[f]; r < layer.ringStart[f + 1]; r++) {
        for (let v = layer.vertexStart[r]; v < layer.vertexStart[r + 1]; v++) {
          const x = layer.xy[2 * v] * view.scale - view.x;
          const y = layer.xy[2 * v + 1] * view.scale - view.y;
          if (v === layer.vertexStart[r]) path.moveTo(x, y);
          else path.lineTo(x, y);
        }
        if (layer.kind === "polygon") path.closePath();
      }
    });
    return path;
  },
});

// Names: of countries, of regions, of towns by rank, each where nothing else is written.
geoasm.baseNames = function () {
  const { map, base } = geoasm;
  if (geoasm.baseMarks) geoasm.baseMarks.remove();
  geoasm.baseMarks = L.layerGroup().addTo(map);
  const frame = map.getContainer().getBoundingClientRect();
  const written = map.getContainer().querySelectorAll(".region-name, .degrees, .leaflet-control, .leaflet-bar");
  const taken = [...written].map((element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return [left - frame.left, top - frame.top, right - frame.left, bottom - frame.top];
  });
  const size = map.getSize();
  const free = (box) => box[0] >= 0 && box[1] >= 0 && box[2] <= size.x && box[3] <= size.y
    && !taken.some((t) => t[0] < box[2] && t[2] > box[0] && t[1] < box[3] && t[3] > box[1]);
  const put = (kind, name, x, y, places, dot) => {
    const element = geoasm.element("span", name, `base-name ${kind}`);
    const [width, height] = geoasm.textSize(element);
    const point = [x - 4, y - 4, x + 4, y + 4];
    const place = (!dot || kind === "town main" || free(point)) && places(width, height).find(([left, top]) => {
      return free([x + left - 2, y + top - 1, x + left + width + 2, y + top + height + 1]);
    });
    if (!place) return false;
    taken.push([x + place[0] - 2, y + place[1] - 1, x + place[0] + width + 2, y + place[1] + height + 1]);
    if (dot) taken.push(point);
    element.style.transform = `translate(${place[0]}px, ${place[1]}px)`;
    const html = geoasm.element("div", null, "base-mark");
    if (dot) html.append(geoasm.element("span", null, "base-dot"));
    html.append(element);
    L.marker(map.containerPointToLatLng([x, y]), {
      pane: "base-names", interactive: false, keyboard: false,
      icon: L.divIcon({ className: "", iconSize: [0, 0], html }),
    }).addTo(geoasm.baseMarks);
    return true;
  };
  const zoom = map.getZoom();
  if (base.towns) geoasm.townNames(base.towns, zoom, put, (rank) => rank < geoasm.MAIN_TOWN);
  if (base.countries && zoom < 9) geoasm.areaNames(base.countries, "country", put);
  const own = geoasm.ownRegions();
  const isTold = (x, y) => own && geoasm.holds(own, x, y);
  if (base.regions && zoom > 4) geoasm.areaNames(base.regions, "region", put, isTold);
  if (base.towns) geoasm.townNames(base.towns, zoom, put, (rank) => rank >= geoasm.MAIN_TOWN);
};

geoasm.holds = function (layer, x, y) {
  let held = false;
  layer.within(x, y, x, y, (f) => { held = held || layer.contains(f, x, y); });
  return held;
};

// An area is named where it is deepest in the view, the largest ones first.
geoasm.areaNames = function (layer, kind, put, isTold) {
  const { map } = geoasm;
  const size = map.getSize();
  const { min } = map.getPixelBounds();
  const scale = (geoasm.TILE * 2 ** map.getZoom()) / geoasm.WORLD;
  const across = Math.ceil(size.x / geoasm.NAME_STEP);
  const center = (cell) => [(cell % across) + 0.5, Math.floor(cell / across) + 0.5].map((n) => n * geoasm.NAME_STEP);
  const world = ([x, y]) => [(x + min.x) / scale, (y + min.y) / scale];
  const areas = [];
  layer.within(...world([0, 0]), ...world([size.x, size.y]), (f) => {
    const name = layer.columns[layer.name].at(f);
    const room = (layer.boxes[4 * f + 2] - layer.boxes[4 * f]) * scale;
    const cells = name && room > 5 * name.length ? geoasm.cellsOf(layer, f, scale, min, size, across) : null;
    if (cells && cells.size) areas.push({ name, cells });
  });
  for (const { name, cells } of areas.sort((a, b) => b.cells.size - a.cells.size)) {
    const depth = (cell) => {
      let d = 1;
      while ([-d, d, -d * across, d * across].every((step) => cells.has(cell + step))) d++;
      return d;
    };
    const ranked = [...cells].map((cell) => [depth(cell), cell]).sort((a, b) => b[0] - a[0]);
    for (const [, cell] of ranked.slice(0, geoasm.NAME_TRIES)) {
      const place = center(cell);
      if (isTold && isTold(...world(place))) break;
      if (put(kind, name, ...place, (w, h) => [[-w / 2, -h / 2]])) break;
    }
  }
};

// Cells of the view whose middle an area holds, row by row: a row crosses its outline a few times.
geoasm.cellsOf = function (layer, f, scale, min, size, across) {
  const step = geoasm.NAME_STEP;
  const cells = new Set();
  for (let row = 0; (row + 0.5) * step < size.y; row++) {
    const y = ((row + 0.5) * step + min.y) / scale;
    if (y < layer.boxes[4 * f + 1] || y > layer.boxes[4 * f + 3]) continue;
    const columns = geoasm.crossings(layer, f, y).map((x) => (x * scale - min.x) / step - 0.5);
    for (let i = 0; i + 1 < columns.length; i += 2) {
      const last = Math.min(Math.floor(columns[i + 1]), Math.ceil(size.x / step - 0.5) - 1);
      for (let c = Math.max(0, Math.ceil(columns[i])); c <= last; c++) cells.add(row * across + c);
    }
  }
  return cells;
};

geoasm.townNames = function (layer, zoom, put, keep) {
  if (zoom > geoasm.BASE_ZOOM) return;
  const { map } = geoasm;
  const last = zoom < 3 ? 0 : geoasm.TOWN_RANKS[zoom] || 99;
  const rank = (f) => Number(layer.groups[layer.member[f]].label);
  const view = map.getBounds();
  const [west, north] = geoasm.project(view.getWest(), view.getNorth());
  const [east, south] = geoasm.project(view.getEast(), view.getSouth());
  const found = [];
  layer.within(west, north, east, south, (f) => {
    if (rank(f) <= last && keep(rank(f))) found.push(f);
  });
  const beside = (w, h) => [[6, -h / 2], [-w - 6, -h / 2], [-w / 2, -h - 4], [-w / 2, 4]];
  for (const f of found.sort((a, b) => rank(a) - rank(b) || a - b)) {
    const { x, y } = map.latLngToContainerPoint(geoasm.unproject(layer.xy[2 * f], layer.xy[2 * f + 1]));
    const kind = rank(f) < geoasm.MAIN_TOWN ? "town main" : "town";
    put(kind, layer.columns[layer.name].at(f), x, y, beside, true);
  }
};

// What a name takes up, measured once where it will stand.
geoasm.textSize = function (element) {
  const key = `${element.className} ${element.textContent}`;
  if (!geoasm.textSizes.has(key)) {
    geoasm.map.getPane("base-names").append(element);
    geoasm.textSizes.set(key, [element.offsetWidth, element.offsetHeight]);
    element.remove();
  }
  return geoasm.textSizes.get(key);
};

geoasm.textSizes = new Map();
