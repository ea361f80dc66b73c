// Draws the layers into the tiles of a Leaflet grid, on canvas: panning and zooming stay Leaflet's.
geoasm.TILE = 256;
geoasm.SLICE_MS = 8;
geoasm.MARGIN = 12; // pixels that a marker or line may reach into the next tile

geoasm.radius = function (zoom) {
  if (zoom < 7) return 2.5;
  if (zoom < 9) return 3.2;
  if (zoom < 11) return 4.2;
  return zoom < 14 ? 6 : 7.5;
};

// A marker drawn once and stamped many times.
geoasm.stamp = function (style, radius, ratio) {
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
  context.fillStyle = style.color;
  context.fill(path);
  return { canvas, half };
};

// Lines that meet over the borders of tiles: the pattern's side divides a tile's.
geoasm.hatching = function (style, ratio) {
  const side = 16 * ratio;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const context = canvas.getContext("2d");
  context.strokeStyle = style.color;
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
    for (const tile of this.getContainer().querySelectorAll("canvas")) this.later({ tile });
  },

  // Everything at once, for a printer that does not wait.
  repaintNow: function () {
    for (const job of this.jobs || []) if (job.done) job.done(null, job.tile);
    this.jobs = [];
    for (const tile of this.getContainer().querySelectorAll("canvas")) this.paint(tile);
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
    const start = performance.now();
    while (this.jobs.length && performance.now() - start < geoasm.SLICE_MS) {
      const job = this.jobs.shift();
      if (this._map && job.tile.coords.z === this._tileZoom) this.paint(job.tile);
      if (job.done) job.done(null, job.tile);
    }
    this.working = this.jobs.length > 0;
    if (this.working) this.channel.port2.postMessage(null);
    else this.fire("painted");
  },

  paint: function (tile) {
    const ratio = this.ratio || window.devicePixelRatio || 1;
    tile.width = tile.height = geoasm.TILE * ratio;
    const view = { scale: (geoasm.TILE * 2 ** tile.coords.z) / geoasm.WORLD, zoom: tile.coords.z, ratio };
    view.x = tile.coords.x * geoasm.TILE;
    view.y = tile.coords.y * geoasm.TILE;
    view.west = (view.x - geoasm.MARGIN) / view.scale;
    view.north = (view.y - geoasm.MARGIN) / view.scale;
    view.east = (view.x + geoasm.TILE + geoasm.MARGIN) / view.scale;
    view.south = (view.y + geoasm.TILE + geoasm.MARGIN) / view.scale;
    const context = tile.getContext("2d");
    context.scale(ratio, ratio);
    for (const layer of geoasm.layers) {
      if (layer.isPoint) this.paintPoints(context, layer, view);
      else this.paintShapes(context, layer, view);
    }
  },

  // Of markers that would lie on one pixel the first of each group is enough.
  paintPoints: function (context, layer, view) {
    const radius = geoasm.radius(view.zoom) * (layer.id === "registrations" ? 1 : 0.9);
    const stamps = layer.groups.map((g) => geoasm.stamp(g.style, radius, view.ratio));
    const taken = new Set();
    layer.within(view.west, view.north, view.east, view.south, (f) => {
      if (!layer.isShown(f)) return;
      const left = layer.xy[2 * f] * view.scale - view.x;
      const top = layer.xy[2 * f + 1] * view.scale - view.y;
      const member = layer.member[f];
      const place = ((Math.round(top) + 64) * 512 + Math.round(left) + 64) * 64 + member;
      if (taken.has(place)) return;
      taken.add(place);
      const { canvas, half } = stamps[member];
      context.drawImage(canvas, left - half, top - half, 2 * half, 2 * half);
    });
  },

  // One group after the other: the groups stand in drawing order, weaker rights first.
  paintShapes: function (context, layer, view) {
    const found = layer.groups.map(() => []);
    layer.within(view.west, view.north, view.east, view.south, (f) => {
      if (layer.isShown(f)) found[layer.member[f]].push(f);
    });
    layer.groups.forEach((group, g) => {
      if (!found[g].length) return;
      this.dress(context, group.style, view);
      for (const f of found[g]) this.paintShape(context, layer, f, group.style, view);
    });
    context.setLineDash([]);
    context.globalAlpha = 1;
  },

  dress: function (context, style, view) {
    context.strokeStyle = style.color;
    context.lineWidth = view.zoom < 9 ? Math.min(style.width, 1) : style.width;
    context.setLineDash(view.zoom < 9 ? [] : style.dash);
    context.lineJoin = "round";
    if (style.hatch === null) {
      context.fillStyle = style.color;
      return;
    }
    const pattern = context.createPattern(geoasm.hatching(style, view.ratio), "repeat");
    pattern.setTransform(new DOMMatrix().scale(1 / view.ratio));
    context.fillStyle = pattern;
  },

  paintShape: function (context, layer, f, style, view) {
    const b = 4 * f;
    const width = (layer.boxes[b + 2] - layer.boxes[b]) * view.scale;
    const height = (layer.boxes[b + 3] - layer.boxes[b + 1]) * view.scale;
    if (layer.kind === "polygon" && Math.max(width, height) < 3) {
      // Too small for an outline, and still there.
      const x = layer.boxes[b] * view.scale - view.x;
      const y = layer.boxes[b + 1] * view.scale - view.y;
      const fill = context.fillStyle;
      if (fill !== style.color) context.fillStyle = style.color;
      context.fillRect(x, y, Math.max(width, 2), Math.max(height, 2));
      context.fillStyle = fill;
      return;
    }
    const path = new Path2D();
    for (let r = layer.ringStart[f]; r < layer.ringStart[f + 1]; r++) {
      for (let v = layer.vertexStart[r]; v < layer.vertexStart[r + 1]; v++) {
        const x = layer.xy[2 * v] * view.scale - view.x;
        const y = layer.xy[2 * v + 1] * view.scale - view.y;
        if (v === layer.vertexStart[r]) path.moveTo(x, y);
        else path.lineTo(x, y);
      }
      if (layer.kind === "polygon") path.closePath();
    }
    if (layer.kind === "polygon" && (style.fill || style.hatch !== null)) {
      context.globalAlpha = style.hatch === null ? style.fill : 1;
      context.fill(path, "evenodd");
      context.globalAlpha = 1;
    }
    context.stroke(path);
  },
});
