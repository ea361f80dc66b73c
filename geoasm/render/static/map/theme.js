// Far out thousands of features share a pixel: cells of the ground are summed, one theme on one ramp.
geoasm.SUMMED = ["registrations", "concessions"];
geoasm.SUMMED_ZOOM = 8; // the last zoom at which cells are drawn
geoasm.SUMMED_FROM = 20000; // features from which cells are drawn unless a reader wants each one
geoasm.CELL = 8; // pixels
geoasm.RAMP = ["#c5d3ea", "#8eaad6", "#587fbd", "#2b559b", "#0b2c63"];
geoasm.INK_RAMP = ["#d2d2d2", "#a6a6a6", "#787878", "#4a4a4a", "#1a1a1a"];
geoasm.STEPS = { count: [1, 3, 10, 30, 100], share: [0, 0.2, 0.4, 0.6, 0.8] };
geoasm.FEW_HERE = 5; // a share of fewer registrations is drawn small

geoasm.themes = {
  each: null,
  registrations: { layer: "registrations", steps: "count" },
  concessions: { layer: "concessions", steps: "count" },
  share: { layer: "registrations", steps: "share" },
};

geoasm.isSummed = function (zoom) {
  return zoom <= geoasm.SUMMED_ZOOM && Boolean(geoasm.themes[geoasm.theme]);
};

// Whether anything of a layer is drawn at a zoom.
geoasm.isDrawn = function (layer, zoom) {
  if (!layer.shown.some(Boolean)) return false;
  return !geoasm.isSummed(zoom) || !geoasm.SUMMED.includes(layer.id) || geoasm.themes[geoasm.theme].layer === layer.id;
};

// Sums of a zoom's cells over the run's extent: what is shown, and everything.
geoasm.cells = function (zoom) {
  const { layer: id, steps } = geoasm.themes[geoasm.theme];
  const layer = geoasm.layer(id);
  if (!layer) return null;
  const key = [geoasm.theme, zoom, layer.ready, ...layer.shown].join();
  if (geoasm.summed && geoasm.summed.key === key) return geoasm.summed;
  const side = (geoasm.CELL * geoasm.WORLD) / (geoasm.TILE * 2 ** zoom);
  const [west, north, east, south] = geoasm.box(geoasm.home);
  const left = Math.floor(west / side);
  const top = Math.floor(north / side);
  const across = Math.floor(east / side) - left + 1;
  const down = Math.floor(south / side) - top + 1;
  const [shown, all] = [new Uint32Array(across * down), new Uint32Array(across * down)];
  const wide = layer.isPoint ? 2 : 4;
  const corners = layer.isPoint ? layer.xy : layer.boxes;
  for (let f = 0; f < layer.ready; f++) {
    const at = wide * f;
    const x = Math.floor((corners[at] + corners[at + wide - 2]) / 2 / side) - left;
    const y = Math.floor((corners[at + 1] + corners[at + wide - 1]) / 2 / side) - top;
    if (x < 0 || y < 0 || x >= across || y >= down) continue;
    all[y * across + x] += 1;
    if (layer.shown[layer.member[f]]) shown[y * across + x] += 1;
  }
  geoasm.summed = { key, side, left, top, across, down, shown, all, steps };
  return geoasm.summed;
};

// The step of a cell on the ramp, -1 for none.
geoasm.stepOf = function (cells, i) {
  const n = cells.shown[i];
  const isShare = cells.steps === "share";
  if (isShare ? !cells.all[i] : !n) return -1;
  const value = isShare ? n / cells.all[i] : n;
  const steps = geoasm.STEPS[cells.steps];
  return steps.length - 1 - [...steps].reverse().findIndex((step) => value >= step);
};

geoasm.paintCells = function (context, view) {
  const cells = geoasm.cells(view.zoom);
  if (!cells) return;
  const ramp = document.body.classList.contains("ink") ? geoasm.INK_RAMP : geoasm.RAMP;
  const first = Math.floor(view.x / geoasm.CELL);
  const top = Math.floor(view.y / geoasm.CELL);
  const n = geoasm.TILE / geoasm.CELL;
  for (let y = Math.max(top, cells.top); y < Math.min(top + n, cells.top + cells.down); y++) {
    for (let x = Math.max(first, cells.left); x < Math.min(first + n, cells.left + cells.across); x++) {
      const i = (y - cells.top) * cells.across + x - cells.left;
      const step = geoasm.stepOf(cells, i);
      if (step < 0) continue;
      const gap = cells.steps === "share" && cells.all[i] < geoasm.FEW_HERE ? 2.5 : 0.5;
      context.fillStyle = ramp[step];
      context.fillRect(x * geoasm.CELL - view.x + gap, y * geoasm.CELL - view.y + gap, geoasm.CELL - 2 * gap, geoasm.CELL - 2 * gap);
    }
  }
};

// The ramp in words: from how many on, in cells of how many kilometres.
geoasm.rampLegend = function () {
  const out = document.getElementById("ramp");
  const zoom = geoasm.map.getZoom();
  out.replaceChildren();
  if (!geoasm.isSummed(zoom)) return;
  const { steps } = geoasm.themes[geoasm.theme];
  const from = geoasm.STEPS[steps];
  const ink = document.body.classList.contains("ink");
  const list = geoasm.element("ul");
  for (const [i, low] of from.entries()) {
    const next = from[i + 1];
    const percent = (value) => `${Math.round(100 * value)}`;
    let text = next === undefined ? `≥ ${geoasm.number(low)}` : `${geoasm.number(low)}–${geoasm.number(next - 1)}`;
    if (steps === "share") text = `${percent(low)}–${percent(next === undefined ? 1 : next)} %`;
    const item = geoasm.element("li", text);
    const swatch = geoasm.element("span", null, "step");
    swatch.style.background = (ink ? geoasm.INK_RAMP : geoasm.RAMP)[i];
    item.prepend(swatch);
    list.append(item);
  }
  const { lat } = geoasm.map.getCenter();
  const metres = (geoasm.CELL * geoasm.EARTH_M * Math.cos((lat * Math.PI) / 180)) / (geoasm.TILE * 2 ** zoom);
  const key = steps === "share" ? "theme_share_note" : "theme_note";
  out.append(list, geoasm.element("p", geoasm.say(key, { km: geoasm.number(Number((metres / 1000).toPrecision(2))), few: geoasm.FEW_HERE }), "hint"));
};

geoasm.theming = function (map) {
  const select = document.getElementById("theme");
  const size = geoasm.SUMMED.reduce((sum, id) => sum + (geoasm.layer(id) ? geoasm.layer(id).size : 0), 0);
  const usual = size >= geoasm.SUMMED_FROM ? "registrations" : "each";
  const take = (theme) => {
    geoasm.theme = Object.hasOwn(geoasm.themes, theme) ? theme : usual;
    select.value = geoasm.theme;
    geoasm.grid.repaint();
    geoasm.rampLegend();
  };
  take(usual);
  select.addEventListener("change", () => take(select.value));
  map.on("zoomend", () => geoasm.soon(geoasm.rampLegend));
  geoasm.states.push({ key: "theme", read: take, write: () => (geoasm.theme === usual ? null : geoasm.theme) });
};

// Dark ink: for printers and eyes that tell no colours apart.
geoasm.inking = function () {
  const box = document.getElementById("ink");
  const take = () => {
    document.body.classList.toggle("ink", box.checked);
    geoasm.grid.repaint();
    geoasm.rampLegend();
  };
  box.addEventListener("change", take);
  const read = (text) => {
    box.checked = text === "1";
    take();
  };
  geoasm.states.push({ key: "ink", read, write: () => (box.checked ? "1" : null) });
};

geoasm.tools.push(geoasm.theming, geoasm.inking);
