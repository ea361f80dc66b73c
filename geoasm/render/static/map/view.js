// How the page shows the map: how strong, how wide.
geoasm.fading = function (map) {
  const slider = document.getElementById("opacity");
  const fade = () => { map.getPane("geoasm").style.opacity = String(slider.value / 100); };
  const read = (text) => {
    slider.value = text || slider.defaultValue;
    fade();
  };
  slider.addEventListener("input", fade);
  geoasm.states.push({ key: "op", read, write: () => (slider.value === slider.defaultValue ? null : slider.value) });
};

geoasm.fullScreen = function () {
  const { words } = geoasm;
  if (!document.fullscreenEnabled) return;
  const button = geoasm.control("bottomright", words.full_screen, "full", () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen();
  });
  document.addEventListener("fullscreenchange", () => {
    const on = Boolean(document.fullscreenElement);
    button.setAttribute("aria-pressed", String(on));
    geoasm.name(button, on ? words.full_screen_end : words.full_screen);
  });
};

geoasm.folding = function (map) {
  const { words } = geoasm;
  const button = geoasm.control("topleft", words.panel_hide, "fold", () => {
    const isFolded = document.body.classList.toggle("folded");
    button.setAttribute("aria-expanded", String(!isFolded));
    geoasm.name(button, isFolded ? words.panel_show : words.panel_hide);
    map.invalidateSize({ animate: false });
  });
  button.setAttribute("aria-expanded", "true");
  button.setAttribute("aria-controls", "panel");
};

geoasm.tools.push(geoasm.fading, geoasm.fullScreen, geoasm.folding);
