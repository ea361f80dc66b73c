// The page in its address: #zoom/latitude/longitude, then what tools add, as !key=value.

// A tool adds { key, write(): text or null, read(text or null) }; what is null in an address is at its start.
// One that is `late` is read once every shape is there.
geoasm.states = [];

geoasm.VIEW = /^(\d{1,2}(?:\.\d+)?)\/(-?\d{1,2}(?:\.\d+)?)\/(-?\d{1,3}(?:\.\d+)?)$/;

// The parts of an address; null where it names no view.
geoasm.parts = function (hash) {
  const [view, ...rest] = hash.replace(/^#/, "").split("!");
  const found = geoasm.VIEW.exec(view);
  if (!found) return null;
  const values = new Map();
  for (const part of rest) {
    const at = part.indexOf("=");
    try {
      if (at > 0) values.set(part.slice(0, at), decodeURIComponent(part.slice(at + 1)));
    } catch {
      continue; // a broken escape: that part says nothing
    }
  }
  return { zoom: Number(found[1]), place: [Number(found[2]), Number(found[3])], values };
};

geoasm.hiddenGroups = function () {
  const boxes = [...document.querySelectorAll("[data-group]:enabled")];
  const NONE = "-";
  return {
    key: "off",
    write: () => {
      if (boxes.every((box) => box.checked === box.defaultChecked)) return null;
      return boxes.filter((box) => !box.checked).map((box) => box.dataset.group).join(",") || NONE;
    },
    read: (text) => {
      const hidden = new Set((text || "").split(","));
      for (const box of boxes) box.checked = text === null ? box.defaultChecked : !hidden.has(box.dataset.group);
      geoasm.show(boxes);
    },
  };
};

// The open answer: of the feature that somebody went to, by layer and code, else of a place.
geoasm.openAnswer = function (map) {
  let open = null;
  map.on("popupopen", (event) => {
    const { lat, lng } = event.popup.getLatLng();
    open = geoasm.going ? `${geoasm.going.layer.id}=${geoasm.going.layer.columns[geoasm.going.layer.name].at(geoasm.going.f)}`
      : `${lat.toFixed(6)},${lng.toFixed(6)}`;
    geoasm.remember();
  });
  map.on("popupclose", () => {
    open = null;
    geoasm.remember();
  });
  const read = (text) => {
    if (text === open) return;
    map.closePopup();
    const [id, code] = (text || "").split(/=(.*)/s);
    const layer = geoasm.layer(id);
    const column = layer && layer.columns[layer.name];
    const f = layer ? [...Array(layer.size).keys()].find((row) => column.at(row) === code) : undefined;
    if (f !== undefined) geoasm.open({ layer, f });
    const [lat, lng] = id.split(",").map(Number);
    if (text && !layer && Math.abs(lat) <= 85 && Math.abs(lng) <= 360) geoasm.ask(L.latLng(lat, lng));
  };
  return { key: "at", late: true, read, write: () => open };
};

geoasm.address = function () {
  const { lat, lng } = geoasm.map.getCenter();
  const told = geoasm.states.map(({ key, write }) => [key, write()]).filter(([, text]) => text);
  const view = `${geoasm.map.getZoom()}/${lat.toFixed(5)}/${lng.toFixed(5)}`;
  return `#${[view, ...told.map(([key, text]) => `${key}=${encodeURIComponent(text).replace(/!/g, "%21")}`)].join("!")}`;
};

// Put the page as it is into its address.
geoasm.remember = function () {
  if (geoasm.remembering) history.replaceState(null, "", geoasm.address());
};

// Keep the address as it is for the Back button: what follows is another place.
geoasm.leave = function () {
  if (geoasm.remembering) history.pushState(null, "", location.href);
};

geoasm.permalink = function () {
  const { map } = geoasm;
  geoasm.states.unshift(geoasm.hiddenGroups());
  geoasm.states.push(geoasm.openAnswer(map));
  const restore = (told, states) => {
    geoasm.remembering = false;
    for (const state of states) state.read(told.values.has(state.key) ? told.values.get(state.key) : null);
  };
  const read = async () => {
    const told = geoasm.parts(location.hash);
    if (told) {
      geoasm.remembering = false;
      map.setView(told.place, told.zoom, { animate: false });
      restore(told, geoasm.states.filter((state) => !state.late));
      if (geoasm.layers.some((layer) => !layer.isWhole)) await geoasm.whole();
      restore(told, geoasm.states.filter((state) => state.late));
    }
    geoasm.remembering = true;
  };
  read();
  map.on("moveend", geoasm.remember);
  document.getElementById("panel").addEventListener("change", geoasm.remember);
  window.addEventListener("hashchange", read);
  const region = document.getElementById("region");
  if (region) region.addEventListener("change", geoasm.leave, true);
};

// The address to the clipboard; where that is not allowed, into a field to copy from.
geoasm.copying = function () {
  const field = document.getElementById("link");
  const said = document.getElementById("link-said");
  document.getElementById("copy").addEventListener("click", async () => {
    geoasm.remember();
    try {
      await navigator.clipboard.writeText(location.href);
      said.textContent = geoasm.words.copied;
    } catch {
      field.hidden = false;
      field.value = location.href;
      field.focus();
      field.select();
      said.textContent = geoasm.words.copy_by_hand;
    }
  });
};

geoasm.tools.push(geoasm.copying);
