// Draws the layers into the tiles of a Leaflet grid, on canvas: panning and zooming stay Leaflet's.
geoasm.TILE = 256;
geoasm.SLICE_MS = 8;
geoasm.FIRST_SLICE_MS = 40; // before there is a picture nobody pans
geoasm.MARGIN = 12; // pixels that a marker or line may reach into the next tile

geoasm.FEW = 64; // features between two looks at the clock
geoasm.SMALL = 3; // pixels: what is smaller has no outline, and is still there
geoasm.RUN = 32; // outlines that are drawn as one path: a longer one is slow
geoasm.FINDER_ZOOM = 10; // further out a small candidate is a mark

// On paper without colours shapes and dashes tell the groups apart.
geoasm.INK = "#1a1a1a";
geoasm.colorOf = function (style) {
  return document.body.classList.contains("ink") ? geoasm.INK : style.color;
};

geoasm.radius = function (zoom) {
  if (zoom < 7) return 2.5;
  if (zoom < 10) return 3.2;
  if (zoom < 11) return 4.2;
  return zoom < 14 ? 6 : 7.5;
};

// What tiles share: drawn once for a style, size and ink.
geoasm.drawn = new Map();

geoasm.once = function (draw, style, ...sizes) {
  const key = [draw.name, geoasm.colorOf(style), style.shape, style.hatch, ...sizes].join();
  if (!geoasm.drawn.has(key)) geoasm.drawn.set(key, draw(style, ...sizes));
  return geoasm.drawn.get(key);
};

// A marker drawn once and stamped many times.
geoasm.stamp = function stamp(style, radius, ratio) {
  const canvas = document.createElement("canvas");
  const half = Math.ceil(radius + 2);
  canvas.width = canvas.height = 2 * half * ratio;
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  context.translate(half, half);
  context.scale(radius, radius);
  const path = new Path2D(geoasm.shapesOf[style.shape]);
  context.lineJoin = "round";
  context.lineWidth = Math.min(2.4, radius / 2) / radius;
  context.strokeStyle = "rgba(255, 255, 255, 0.9)";
  context.stroke(path);
  context.fillStyle = geoasm.colorOf(style);
  context.fill(path);
  return { canvas, half };
};

// Lines that meet over the borders of tiles: the pattern's side divides a tile's.
geoasm.hatching = function hatching(style, ratio) {
  const side = 16 * ratio;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const context = canvas.getContext("2d");
  context.strokeStyle = geoasm.colorOf(style);
  context.globalAlpha = 0.45;
  context.lineWidth = ratio;
  const lines = {
    0: [[0, 8, 16, 8]],
    90: [[8, 0, 8, 16]],
    45: [[0, 16, 16, 0], [-4, 4, 4, -4], [12, 20, 20, 12]],
    135: [[0, 0, 16, 16], [12, -4, 20, 4], [-4, 12, 4, 20]],
  }[style.hatch];
  context.beginPath();
  for (const [x1, y1, x2, y2] of lines) {
    context.moveTo(x1 * ratio, y1 * ratio);
    context.lineTo(x2 * ratio, y2 * ratio);
  }
  context.stroke();
  return canvas;
};

geoasm.Grid = L.GridLayer.extend({
  options: { pane: "geoasm", minZoom: 0, maxZoom: 20, keepBuffer: 1, updateWhenZooming: false },

  createTile: function (coords, done) {
    const tile = document.createElement("canvas");
    tile.coords = coords;
    this.later({ tile, done });
    return tile;
  },

  repaint: function () {
    if (!this._map) return;
    for (const tile of this.getContainer().querySelectorAll("canvas")) this.later({ tile });
  },

  // Everything at once, for a printer that does not wait.
  repaintNow: function () {
    for (const job of this.jobs || []) if (job.done) job.done(null, job.tile);
    this.jobs = [];
    if (!this._map) return;
    for (const tile of this.getContainer().querySelectorAll("canvas")) for (const _ of this.paint(tile));
  },

  // Tiles are painted a few milliseconds at a time, so that the page answers meanwhile.
  later: function (job) {
    this.jobs = this.jobs || [];
    this.jobs.push(job);
    if (this.channel === undefined) {
      this.channel = new MessageChannel();
      this.channel.port1.onmessage = () => this.work();
    }
    if (!this.working) this.channel.port2.postMessage(null);
    this.working = true;
  },

  work: function () {
    const end = performance.now() + (document.documentElement.dataset.map ? geoasm.SLICE_MS : geoasm.FIRST_SLICE_MS);
    while (this.jobs.length && performance.now() < end) {
      const [job] = this.jobs;
      if (!this._map || job.tile.coords.z !== this._tileZoom) job.steps = null;
      else job.steps = job.steps || this.paint(job.tile);
      if (job.steps && !job.steps.next().done) continue;
      this.jobs.shift();
      if (job.done) job.done(null, job.tile);
    }
    this.working = this.jobs.length > 0;
    if (this.working) this.channel.port2.postMessage(null);
    else this.fire("painted");
  },

  // Paint a tile in small steps.
  paint: function* (tile) {
    const ratio = this.ratio || window.devicePixelRatio || 1;
    const view = { scale: (geoasm.TILE * 2 ** tile.coords.z) / geoasm.WORLD, zoom: tile.coords.z, ratio };
    view.x = tile.coords.x * geoasm.TILE;
    view.y = tile.coords.y * geoasm.TILE;
    view.west = (view.x - geoasm.MARGIN) / view.scale;
    view.north = (view.y - geoasm.MARGIN) / view.scale;
    view.east = (view.x + geoasm.TILE + geoasm.MARGIN) / view.scale;
    view.south = (view.y + geoasm.TILE + geoasm.MARGIN) / view.scale;
    tile.width = tile.height = geoasm.TILE * ratio;
    const context = tile.getContext("2d");
    context.scale(ratio, ratio);
    const summed = geoasm.isSummed(view.zoom);
    for (const layer of geoasm.layers) {
      if (summed && geoasm.SUMMED.includes(layer.id)) {
        if (layer.id === "registrations") geoasm.paintCells(context, view);
      } else if (layer.isPoint) yield* this.paintPoints(context, layer, view);
      else yield* this.paintShapes(context, layer, view);
      if (layer.id === "concessions" && !summed) yield* geoasm.paintOverlaps(context, layer, view);
      yield;
    }
    if (summed || view.zoom < geoasm.FINDER_ZOOM) this.paintFinders(context, view);
  },

  // Of markers that would lie on one pixel the first of each group is enough.
  paintPoints: function* (context, layer, view) {
    const radius = geoasm.radius(view.zoom) * (layer.id === "registrations" ? 1 : 0.9);
    const stamps = layer.groups.map((g) => geoasm.once(geoasm.stamp, g.style, radius, view.ratio));
    const taken = new Set();
    for (const f of geoasm.shownIn(layer, view)) {
      if (f < 0) {
        yield;
        continue;
      }
      const left = layer.xy[2 * f] * view.scale - view.x;
      const top = layer.xy[2 * f + 1] * view.scale - view.y;
      const member = layer.member[f];
      const place = ((Math.round(top) + 64) * 512 + Math.round(left) + 64) * 64 + member;
      if (taken.has(place)) continue;
      taken.add(place);
      const { canvas, half } = stamps[member];
      context.drawImage(canvas, left - half, top - half, 2 * half, 2 * half);
    }
  },

  // One group after the other: the groups stand in drawing order, weaker rights first.
  paintShapes: function* (context, layer, view) {
    const found = layer.groups.map(() => []);
    for (const f of geoasm.shownIn(layer, view)) if (f >= 0) found[layer.member[f]].push(f);
    for (const [g, group] of layer.groups.entries()) {
      if (!found[g].length) continue;
      yield;
      this.dress(context, group.style, view);
      for (let i = 0; i < found[g].length; i += geoasm.RUN) {
        this.paintRun(context, layer, found[g].slice(i, i + geoasm.RUN), group.style, view);
        yield;
      }
      context.setLineDash([]);
      context.globalAlpha = 1;
    }
  },

  dress: function (context, style, view) {
    const color = geoasm.colorOf(style);
    context.strokeStyle = color;
    context.lineWidth = view.zoom < 9 ? Math.max(style.width / 2, Math.min(style.width, 1)) : style.width;
    context.setLineDash(view.zoom < 9 ? [] : style.dash);
    context.lineJoin = "round";
    context.fillStyle = color;
    if (style.hatch === null) return;
    const pattern = context.createPattern(geoasm.once(geoasm.hatching, style, view.ratio), "repeat");
    pattern.setTransform(new DOMMatrix().scale(1 / view.ratio));
    context.fillStyle = pattern;
  },

  // Plain fills are laid one by one, so that ground under several rights is darker.
  paintRun: function (context, layer, features, style, view) {
    const all = new Path2D();
    const isPolygon = layer.kind === "polygon";
    const fills = isPolygon && (style.fill || style.hatch !== null) && !document.body.classList.contains("ink");
    for (const f of features) {
      const b = 4 * f;
      const width = (layer.boxes[b + 2] - layer.boxes[b]) * view.scale;
      const height = (layer.boxes[b + 3] - layer.boxes[b + 1]) * view.scale;
      if (isPolygon && Math.max(width, height) < geoasm.SMALL) {
        const x = layer.boxes[b] * view.scale - view.x;
        const y = layer.boxes[b + 1] * view.scale - view.y;
        context.fillStyle = geoasm.colorOf(style);
        context.fillRect(x, y, Math.max(width, 2), Math.max(height, 2));
        if (style.hatch !== null) this.dress(context, style, view);
        continue;
      }
      const path = new Path2D();
      geoasm.trace(path, layer, f, view);
      all.addPath(path);
      if (!fills) continue;
      context.globalAlpha = style.hatch === null ? style.fill : 1;
      context.fill(path, "evenodd");
      context.globalAlpha = 1;
    }
    context.stroke(all);
  },

  // Where a candidate would be a speck, a mark stands in its place: the eye is to find it.
  paintFinders: function (context, view) {
    const layer = geoasm.layer("candidates");
    if (!layer || !layer.shown[0]) return;
    const color = geoasm.colorOf(layer.groups[0].style);
    layer.within(view.west, view.north, view.east, view.south, (f) => {
      const b = 4 * f;
      const width = (layer.boxes[b + 2] - layer.boxes[b]) * view.scale;
      if (width > 3 * geoasm.FINDER) return;
      const x = ((layer.boxes[b] + layer.boxes[b + 2]) / 2) * view.scale - view.x;
      const y = ((layer.boxes[b + 1] + layer.boxes[b + 3]) / 2) * view.scale - view.y;
      for (const [stroke, line] of [["rgba(255, 255, 255, 0.9)", 4.5], [color, 2.2]]) {
        context.strokeStyle = stroke;
        context.lineWidth = line;
        context.beginPath();
        context.arc(x, y, geoasm.FINDER, 0, 2 * Math.PI);
        context.stroke();
      }
    });
  },
});

geoasm.FINDER = 4.5; // pixels: radius of a candidate's mark

// Shown features that reach into a tile; -1 now and then, where a painter may rest.
geoasm.shownIn = function* (layer, view) {
  const found = [];
  if (!layer.shown.some(Boolean)) return;
  layer.within(view.west, view.north, view.east, view.south, (f) => {
    if (layer.isShown(f)) found.push(f);
  });
  for (let i = 0; i < found.length; i++) {
    if (i % geoasm.FEW === geoasm.FEW - 1) yield -1;
    yield found[i];
  }
};

geoasm.trace = function (path, layer, f, view) {
  const { xy, ringStart, vertexStart } = layer;
  for (let r = ringStart[f]; r < ringStart[f + 1]; r++) {
    const from = vertexStart[r];
    for (let v = from; v < vertexStart[r + 1]; v++) {
      const x = xy[2 * v] * view.scale - view.x;
      const y = xy[2 * v + 1] * view.scale - view.y;
      if (v === from) path.moveTo(x, y);
      else path.lineTo(x, y);
    }
    if (layer.kind === "polygon") path.closePath();
  }
};
