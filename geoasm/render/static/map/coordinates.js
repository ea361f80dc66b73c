// Places in words and back: degrees and UTM, of the pointer, of an answer, and as somebody types them.
geoasm.utmText = function (place) {
  const { zone, east, north } = geoasm.toUtm(place.lat, place.lng);
  return `${Math.abs(zone)}${zone < 0 ? "S" : "N"} ${Math.round(east)} ${Math.round(north)}`;
};

geoasm.placeText = function (place) {
  return `${place.lat.toFixed(5)}, ${place.lng.toFixed(5)}`;
};

// The place that a text names; null where it names none, and where UTM has no zone.
geoasm.place = function (text) {
  const plain = text.replace(/[\u00ba\u02da]/g, "°").normalize("NFKC").toUpperCase().replace(/[\u2212\u2013]/g, "-")
    .replace(/\u2032\u2032|''|[\u2033\u201c\u201d]/g, "\"").replace(/[\u2032\u2018\u2019\u00b4]/g, "'")
    .replace(/\b(UTM|WGS ?84|ZONA|ZONE)\b/g, " ").replace(/\bSUR\b|\bSOUTH\b/g, "S").replace(/\bNORTE\b|\bNORTH\b/g, "N")
    .trim();
  const place = /\d{4}/.test(plain.replace(/(\d),(?=\d{3})/g, "$1").replace(/\.\d+/g, ""))
    ? geoasm.utmPlace(plain) : geoasm.degreesPlace(plain);
  return place && Math.abs(place[0]) <= 85 && Math.abs(place[1]) <= 180 ? L.latLng(place) : null;
};

// «17S 775000 9215000»: S and N are the hemisphere, another letter the band of MGRS.
geoasm.utmPlace = function (text) {
  const ZONE = /(?:^|[\s,;])(\d{1,2}) ?([C-HJ-NP-X])(?=$|[\s,;])/;
  const found = ZONE.exec(text);
  if (!found) return null;
  const rest = text.replace(ZONE, " ").replace(/(\d),(?=\d{3}(?!\d))/g, "$1")
    .replace(/(\d) ?M? ?[EN]?(?=[\s,;]|$)/g, "$1").trim();
  const numbers = rest.split(/[\s,;]+/);
  if (numbers.length !== 2 || !numbers.every((number) => /^\d+(\.\d+)?$/.test(number))) return null;
  let [east, north] = numbers.map(Number);
  if (east > 1e6) [east, north] = [north, east];
  const zone = Number(found[1]);
  if (zone < 1 || zone > 60 || east < 1e5 || east > 9e5 || north > 1e7) return null;
  const isSouth = found[2] === "S" || found[2] < "N";
  const world = [0, 0];
  geoasm.fromUtm(east, north, isSouth ? -zone : zone, world, 0);
  const { lat, lng } = geoasm.unproject(...world);
  return [lat, lng];
};

// «-7.1, -78.5», «7°06'S 78°30'W», «S 7 6 30 O 78 30 0»: the latitude first where no letter says which is which.
geoasm.degreesPlace = function (text) {
  const commas = /^-?\d+,\d+(\s*;\s*|\s+)-?\d+,\d+$/.test(text) ? text.replace(/,/g, ".") : text;
  const tokens = commas.match(/-?\d+(?:\.\d+)?|[NSEWO°'",;]/g) || [];
  if (tokens.join("") !== commas.replace(/\s/g, "")) return null;
  const angles = geoasm.halves(tokens).map(geoasm.angle);
  if (angles.length !== 2 || angles.includes(null)) return null;
  let [first, second] = angles;
  if (first.axis && first.axis === second.axis) return null;
  if (first.axis === "lon" || second.axis === "lat") [first, second] = [second, first];
  const isHere = (lat, lon) => geoasm.home.pad(1).contains([lat, lon]);
  const isTurned = !first.axis && !second.axis && (Math.abs(first.value) > 90
    || (isHere(second.value, first.value) && !isHere(first.value, second.value)));
  if (isTurned) [first, second] = [second, first];
  return Math.abs(first.value) > 90 ? null : [first.value, second.value];
};

// The two angles of a row of tokens: letters part them, else a comma, else degree signs, else the middle.
geoasm.halves = function (tokens) {
  const letters = [...tokens.keys()].filter((i) => /[NSEWO]/.test(tokens[i]));
  const commas = [...tokens.keys()].filter((i) => /[,;]/.test(tokens[i]));
  const signs = [...tokens.keys()].filter((i) => tokens[i] === "°");
  const numbers = [...tokens.keys()].filter((i) => /\d/.test(tokens[i]));
  if (commas.length > 1 || (letters.length && letters.length !== 2)) return [];
  let cut = numbers[numbers.length / 2];
  if (letters.length) cut = letters[0] === 0 ? letters[1] : letters[0] + 1;
  else if (commas.length) cut = commas[0];
  else if (signs.length === 2) cut = signs[1] - 1;
  if (cut === undefined) return [];
  const told = (part) => part.filter((token) => !/[,;]/.test(token));
  return [told(tokens.slice(0, cut)), told(tokens.slice(cut))];
};

geoasm.angle = function (tokens) {
  const letter = tokens.find((token) => /[NSEWO]/.test(token));
  const numbers = tokens.filter((token) => /\d/.test(token));
  const signs = tokens.filter((token) => /[°'"]/.test(token)).join("");
  const [degrees, minutes = "0", seconds = "0"] = numbers;
  const isWhole = numbers.slice(0, -1).every((number) => !number.includes("."));
  const isSigned = numbers.slice(1).some((number) => number.startsWith("-"));
  if (!numbers.length || numbers.length > 3 || !isWhole || isSigned || !"°'\"".startsWith(signs)) return null;
  if (Number(minutes) >= 60 || Number(seconds) >= 60 || (letter && degrees.startsWith("-"))) return null;
  const value = Math.abs(Number(degrees)) + Number(minutes) / 60 + Number(seconds) / 3600;
  const axes = { N: "lat", S: "lat", E: "lon", W: "lon", O: "lon" };
  const isBelow = degrees.startsWith("-") || (letter && "SWO".includes(letter));
  return { value: isBelow ? -value : value, axis: letter ? axes[letter] : null };
};

geoasm.goTo = function (place) {
  const { map } = geoasm;
  geoasm.release();
  geoasm.leave();
  geoasm.pin(place);
  map.setView(place, Math.max(map.getZoom(), 14), { animate: false });
  geoasm.ask(place, geoasm.project(place.lng, place.lat));
};

// The mark of the place that was asked for; null takes it away.
geoasm.pin = function (place) {
  if (geoasm.pinned) geoasm.pinned.remove();
  const ring = (color, weight) => L.circleMarker(place, { radius: 9, color, weight, fill: false, interactive: false });
  geoasm.pinned = place && L.layerGroup([ring("#1a1a1a", 5.5), ring("#ffd400", 2.5)]).addTo(geoasm.map);
  document.getElementById("unpin").hidden = !place;
};

geoasm.coordinates = function (map) {
  const { words } = geoasm;
  const form = document.getElementById("go-place");
  const input = document.getElementById("place");
  const error = document.getElementById("place-error");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const place = geoasm.place(input.value);
    error.textContent = place ? "" : words.place_error;
    input.setAttribute("aria-invalid", String(!place));
    if (place) geoasm.goTo(place);
    else input.focus();
  });
  document.getElementById("unpin").addEventListener("click", () => geoasm.pin(null));
  const Readout = L.Control.extend({ onAdd: () => geoasm.element("div", null, "readout") });
  const readout = new Readout({ position: "bottomleft" }).addTo(map).getContainer();
  const show = (place) => { readout.textContent = `${geoasm.placeText(place)} · UTM ${geoasm.utmText(place)}`; };
  const centre = () => show(map.getCenter());
  map.on("mousemove", (event) => show(event.latlng));
  map.on("mouseout moveend", centre);
  centre();
};

geoasm.tools.push(geoasm.coordinates);
