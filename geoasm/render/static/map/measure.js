// Distances and areas: a click or the space bar adds a corner, two clicks or Enter end, Backspace takes one back.
geoasm.lengthText = function (metres) {
  if (metres < 1000) return `${geoasm.number(Number(metres.toFixed(metres < 100 ? 1 : 0)))} m`;
  return `${geoasm.number(Number((metres / 1000).toFixed(2)))} km`;
};

geoasm.Measure = class {
  constructor(map, isArea) {
    Object.assign(this, { map, isArea, places: [] });
    const { LINE: color } = geoasm;
    this.shape = isArea
      ? L.polygon([], { color, weight: 2.5, fillOpacity: 0.12, interactive: false })
      : L.polyline([], { color, weight: 2.5, interactive: false });
    this.rubber = L.polyline([], { color, weight: 2, dashArray: "4 5", interactive: false });
    this.corners = L.layerGroup();
    this.drawn = L.layerGroup([this.shape, this.rubber, this.corners]).addTo(map);
    this.listeners = {
      click: (event) => this.add(event.latlng),
      mousemove: (event) => this.show(event.latlng),
      dblclick: () => geoasm.release(),
    };
  }

  start() {
    const { words } = geoasm;
    geoasm.take({ stop: () => this.stop(), key: (key) => this.key(key) });
    this.map.on(this.listeners);
    const buttons = [[words.measure_undo, () => this.undo()], [words.measure_end, () => geoasm.release()]];
    geoasm.task(words.measure_hint, buttons);
  }

  key(key) {
    if (key === "Enter") geoasm.release();
    else if (key === "Backspace") this.undo();
    else if (key === " ") this.add(this.map.getCenter());
    else return false;
    return true;
  }

  // The second click of two is no corner of its own.
  add(place) {
    const [last, next] = [this.places[this.places.length - 1], place].map((p) => p && this.map.latLngToContainerPoint(p));
    if (last && last.distanceTo(next) < 4) return;
    this.places.push(place);
    this.redraw();
  }

  undo() {
    this.places.pop();
    this.redraw();
  }

  redraw() {
    const style = { radius: 4, color: geoasm.LINE, weight: 2, fillColor: "#fff", fillOpacity: 1, interactive: false };
    this.shape.setLatLngs(this.places);
    this.rubber.setLatLngs([]);
    this.corners.clearLayers();
    for (const place of this.places) this.corners.addLayer(L.circleMarker(place, style));
    this.tell();
  }

  show(pointer) {
    if (!this.places.length) return;
    const ends = [this.places[this.places.length - 1], pointer, ...(this.isArea ? [this.places[0]] : [])];
    this.rubber.setLatLngs(ends);
    geoasm.task(this.reading([...this.places, pointer]));
  }

  reading(places) {
    const distance = geoasm.lengthText(geoasm.along(this.isArea && places.length > 2 ? [...places, places[0]] : places));
    if (!this.isArea) return geoasm.say("measure_distance", { distance });
    const hectares = geoasm.squareMetres(places) / 1e4;
    const area = geoasm.number(Number(hectares.toFixed(hectares < 100 ? 2 : 1)));
    return geoasm.say("measure_area", { area, distance });
  }

  tell() {
    const said = this.places.length > 1 ? this.reading(this.places) : "";
    document.getElementById("measured").textContent = said;
    if (geoasm.mode) geoasm.task(said || geoasm.words.measure_hint);
  }

  stop() {
    this.map.off(this.listeners);
    this.rubber.setLatLngs([]);
    this.tell();
    const short = this.places.length < (this.isArea ? 3 : 2);
    if (short) this.clear();
    else document.getElementById("measure-clear").hidden = false;
  }

  clear() {
    this.drawn.remove();
    document.getElementById("measured").textContent = "";
    document.getElementById("measure-clear").hidden = true;
  }
};

geoasm.measuring = function (map) {
  const clear = () => {
    geoasm.release();
    if (geoasm.measure) geoasm.measure.clear();
    geoasm.measure = null;
  };
  for (const button of document.querySelectorAll("[data-measure]")) {
    button.addEventListener("click", () => {
      clear();
      geoasm.measure = new geoasm.Measure(map, button.dataset.measure === "area");
      geoasm.measure.start();
    });
  }
  document.getElementById("measure-clear").addEventListener("click", clear);
};

geoasm.tools.push(geoasm.measuring);
