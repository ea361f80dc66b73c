// The view in the address: #zoom/latitude/longitude, then the groups that are off.
geoasm.permalink = function () {
  const { map } = geoasm;
  const boxes = [...document.querySelectorAll("[data-group]:enabled")];
  const read = () => {
    const [view, off] = decodeURIComponent(location.hash.slice(1)).split("!");
    const [zoom, lat, lon] = view.split("/").map(Number);
    if (![zoom, lat, lon].every(Number.isFinite) || !view) return;
    const hidden = new Set((off || "").split(",").filter(Boolean));
    for (const box of boxes) box.checked = !hidden.has(box.dataset.group);
    geoasm.show(boxes);
    map.setView([lat, lon], zoom, { animate: false });
  };
  const write = () => {
    const { lat, lng } = map.getCenter();
    const off = boxes.filter((box) => !box.checked).map((box) => box.dataset.group).join(",");
    const view = `${map.getZoom()}/${lat.toFixed(5)}/${lng.toFixed(5)}`;
    history.replaceState(null, "", `#${view}${off ? `!${encodeURIComponent(off)}` : ""}`);
  };
  read();
  map.on("moveend", write);
  document.getElementById("legend").addEventListener("change", write);
  window.addEventListener("hashchange", read);
};
