"use strict";
// Runs before a page's own scripts and notes what happens in it: long tasks, frames, answers.
window.probe = { tasks: [], painted: null, frames: [], on: false, asked: 0, answers: [] };

new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) probe.tasks.push([entry.startTime, entry.duration]);
}).observe({ type: "longtask", buffered: true });

new MutationObserver(() => {
  const root = document.documentElement;
  if (root && root.dataset.map === "painted") probe.painted = probe.painted || performance.now();
}).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-map"] });

probe.map = () => Object.values(window).find((value) => value instanceof L.Map);

probe.record = () => {
  probe.frames = [];
  probe.on = true;
  let last = null;
  const tick = () => {
    if (!probe.on) return;
    const now = performance.now();
    if (last !== null) probe.frames.push(now - last);
    last = now;
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
};

probe.stop = () => {
  probe.on = false;
  return probe.frames;
};

// Milliseconds from an event to every change it makes below the given elements.
probe.watch = (type, selector) => {
  if (probe.watcher) probe.watcher.disconnect();
  if (probe.listener) document.removeEventListener(...probe.listener);
  probe.answers = [];
  if (type) {
    probe.listener = [type, (event) => { probe.asked = event.timeStamp; probe.answers = []; }, true];
    document.addEventListener(...probe.listener);
  }
  probe.watcher = new MutationObserver(() => probe.answers.push(performance.now() - probe.asked));
  for (const element of document.querySelectorAll(selector)) {
    probe.watcher.observe(element, { childList: true, characterData: true, subtree: true });
  }
};

// Of canvases: pixels that are not transparent.
probe.pixels = () => {
  let count = 0;
  for (const canvas of document.querySelectorAll(".leaflet-container canvas")) {
    if (!canvas.width || !canvas.height) continue;
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    for (let i = 3; i < data.length; i += 4) count += data[i] > 0;
  }
  return count;
};
