// Tiles from the network, only where the reader asks for them and the page has an address to show to their server.
geoasm.online = function (map) {
  const box = document.getElementById("online");
  const said = document.getElementById("online-said");
  if (!/^https?:$/.test(location.protocol)) return;
  map.createPane("online").style.zIndex = 260; // over the ground of the page, under its names
  const { tiles: address, credit: attribution } = box.dataset;
  const tiles = L.tileLayer(address, { pane: "online", maxZoom: 19, referrerPolicy: "origin", attribution });
  const stop = () => {
    tiles.remove();
    box.checked = false;
  };
  tiles.on("tileerror", () => {
    if (!box.checked) return;
    stop();
    said.textContent = geoasm.words.online_failed;
  });
  box.disabled = false;
  box.addEventListener("change", () => {
    said.textContent = "";
    if (!box.checked) {
      stop();
      return;
    }
    if (!map.attributionControl) L.control.attribution({ prefix: false }).addTo(map);
    tiles.addTo(map);
  });
};

geoasm.tools.push(geoasm.online);
