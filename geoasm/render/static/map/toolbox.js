// What the tools share: one of them at a time has the map, and one pane of the panel is open.
geoasm.LINE = "#0b5c8a";
geoasm.OUTLINE = { color: geoasm.LINE, weight: 2.5, dashArray: "8 4", fill: false, interactive: false };
geoasm.AFTERTHOUGHT_MS = 300; // a click may follow the gesture that ended a tool

// After a move each work is a task of its own, so that the page answers between them; asked twice it is done once.
geoasm.waiting = new Map();

geoasm.soon = function (work) {
  if (geoasm.waiting.has(work)) return;
  geoasm.waiting.set(work, setTimeout(() => {
    geoasm.waiting.delete(work);
    work();
  }));
};

// All that waits, at once: a printer waits for nothing.
geoasm.settle = function () {
  for (const [work, timer] of geoasm.waiting) {
    clearTimeout(timer);
    geoasm.waiting.delete(work);
    work();
  }
};

// Give the map to a tool: { stop, key(event) }. Whoever had it stops.
geoasm.take = function (mode) {
  geoasm.release();
  geoasm.map.closePopup();
  geoasm.map.doubleClickZoom.disable();
  geoasm.mode = mode;
  const container = geoasm.map.getContainer();
  container.classList.add("working");
  if (container.getBoundingClientRect().top < 0) container.scrollIntoView();
  container.focus({ preventScroll: true });
};

geoasm.release = function () {
  const { mode } = geoasm;
  if (!mode) return;
  geoasm.mode = null;
  geoasm.releasedAt = Date.now();
  geoasm.map.doubleClickZoom.enable();
  geoasm.map.getContainer().classList.remove("working");
  geoasm.task(null);
  mode.stop();
};

geoasm.busy = function () {
  return Boolean(geoasm.mode) || Date.now() - (geoasm.releasedAt || 0) < geoasm.AFTERTHOUGHT_MS;
};

geoasm.button = function (label, act) {
  const button = geoasm.element("button", label);
  button.type = "button";
  button.addEventListener("click", act);
  return button;
};

// The bar over the map of the tool that has it: a text and buttons as [label, act]; null takes it away.
geoasm.task = function (text, buttons) {
  const container = geoasm.map.getContainer();
  let bar = container.querySelector(".task");
  if (!bar) {
    bar = geoasm.element("div", null, "task");
    bar.append(geoasm.element("p"), geoasm.element("span"));
    L.DomEvent.disableClickPropagation(bar);
    container.append(bar);
  }
  bar.hidden = text === null;
  bar.firstChild.textContent = text || "";
  if (buttons) bar.lastChild.replaceChildren(...buttons.map((pair) => geoasm.button(...pair)));
};

// A square button on the map, beside those for zoom.
geoasm.control = function (position, label, className, act) {
  const bar = geoasm.element("div", null, "leaflet-bar");
  const button = geoasm.button(null, act);
  button.className = `square ${className}`;
  geoasm.name(button, label);
  L.DomEvent.disableClickPropagation(bar);
  bar.append(button);
  const Control = L.Control.extend({ onAdd: () => bar });
  new Control({ position }).addTo(geoasm.map);
  return button;
};

geoasm.name = function (button, label) {
  button.title = label;
  button.setAttribute("aria-label", label);
};

geoasm.tabs = function () {
  return [...document.querySelectorAll("#tools > .tabs button[aria-controls]")].filter((tab) => tab.id !== "list-open");
};

// Open a pane of the panel and close the others; null closes all.
geoasm.openPane = function (name) {
  for (const tab of geoasm.tabs()) {
    const pane = tab.getAttribute("aria-controls");
    tab.setAttribute("aria-expanded", String(pane === name));
    document.getElementById(pane).hidden = pane !== name;
  }
};

geoasm.panes = function () {
  for (const tab of geoasm.tabs()) {
    tab.addEventListener("click", () => {
      const on = tab.getAttribute("aria-expanded") !== "true";
      geoasm.release();
      geoasm.openPane(on ? tab.getAttribute("aria-controls") : null);
    });
  }
  document.getElementById("tools").addEventListener("keydown", (event) => {
    const open = geoasm.tabs().find((tab) => tab.getAttribute("aria-expanded") === "true");
    if (event.key !== "Escape" || !open || geoasm.mode) return;
    geoasm.openPane(null);
    open.focus();
  });
};

// Keys of the tool that has the map, wherever the focus is, but for a field or button that wants them.
geoasm.keys = function () {
  document.addEventListener("keydown", (event) => {
    const { mode } = geoasm;
    const wanted = event.target.closest("button, input, select, textarea, a");
    if (!mode || (wanted && event.key !== "Escape")) return;
    if (event.key === "Escape") geoasm.release();
    else if (!mode.key || !mode.key(event.key)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
};

geoasm.tools.push(geoasm.panes, geoasm.keys);
