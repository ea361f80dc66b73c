// Its own script, in words that any browser reads: where the others cannot run, the page says so.
(function () {
  "use strict";
  var needed = ["DecompressionStream", "Path2D", "MessageChannel", "Promise", "Intl", "TextDecoder", "DOMMatrix", "CSS"];
  var reading = document.getElementById("reading");
  var broken = document.getElementById("broken");
  var told = function () {
    reading.hidden = true;
    broken.hidden = false;
  };
  // What goes wrong later is not the browser's age.
  var failed = function () {
    if (!document.documentElement.hasAttribute("data-map")) told();
  };
  reading.hidden = false;
  window.addEventListener("error", failed);
  window.addEventListener("unhandledrejection", failed);
  for (var i = 0; i < needed.length; i++) {
    if (!(needed[i] in window)) told();
  }
}());
