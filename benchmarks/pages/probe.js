"use strict";
// Runs before a page's own scripts and notes what happens in it: long tasks, frames, answers.
window.probe = { tasks: [], painted: null, whole: null, frames: [], on: false, asked: 0, answers: [] };

new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) probe.tasks.push([entry.startTime, entry.duration]);
}).observe({ type: "longtask", buffered: true });

new MutationObserver(() => {
  const root = document.documentElement;
  if (root && root.dataset.map === "painted") probe.painted = probe.painted || performance.now();
  if (root && root.dataset.layers === "whole") probe.whole = probe.whole || performance.now();
}).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-map", "data-layers"] });

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
