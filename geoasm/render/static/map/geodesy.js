// Distances, areas and UTM on the WGS84 ellipsoid.
geoasm.AXIS_M = 6378137;
geoasm.FLATTENING = 1 / 298.257223563;

geoasm.radians = function (degrees) {
  return (degrees * Math.PI) / 180;
};

// Metres between two places along the geodesic: Vincenty's inverse formula, good to a millimetre short of the antipode.
geoasm.metres = function (from, to) {
  const f = geoasm.FLATTENING;
  const polar = geoasm.AXIS_M * (1 - f);
  const [u1, u2] = [from, to].map((place) => Math.atan((1 - f) * Math.tan(geoasm.radians(place.lat))));
  const across = geoasm.radians(to.lng - from.lng);
  const [s1, c1, s2, c2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
  let lambda = across;
  for (let i = 0; i < 100; i++) {
    const sinSigma = Math.hypot(c2 * Math.sin(lambda), c1 * s2 - s1 * c2 * Math.cos(lambda));
    if (sinSigma === 0) return 0;
    const cosSigma = s1 * s2 + c1 * c2 * Math.cos(lambda);
    const sigma = Math.atan2(sinSigma, cosSigma);
    const sinAlpha = (c1 * c2 * Math.sin(lambda)) / sinSigma;
    const cosine = 1 - sinAlpha ** 2;
    const middle = cosine ? cosSigma - (2 * s1 * s2) / cosine : 0;
    const c = (f / 16) * cosine * (4 + f * (4 - 3 * cosine));
    const before = lambda;
    const bend = middle + c * cosSigma * (2 * middle ** 2 - 1);
    lambda = across + (1 - c) * f * sinAlpha * (sigma + c * sinSigma * bend);
    if (Math.abs(lambda - before) > 1e-12 && i < 99) continue;
    const k = cosine * ((geoasm.AXIS_M / polar) ** 2 - 1);
    const a = 1 + (k / 16384) * (4096 + k * (-768 + k * (320 - 175 * k)));
    const b = (k / 1024) * (256 + k * (-128 + k * (74 - 47 * k)));
    const third = (b / 6) * middle * (4 * sinSigma ** 2 - 3) * (4 * middle ** 2 - 3);
    const delta = b * sinSigma * (middle + (b / 4) * (cosSigma * (2 * middle ** 2 - 1) - third));
    return polar * a * (sigma - delta);
  }
  return NaN;
};

geoasm.along = function (places) {
  return places.slice(1).reduce((sum, place, i) => sum + geoasm.metres(places[i], place), 0);
};

// Square metres inside a ring, on the sphere that has the ellipsoid's area.
geoasm.squareMetres = function (places) {
  const e = Math.sqrt(geoasm.FLATTENING * (2 - geoasm.FLATTENING));
  const q = (sine) => (1 - e ** 2) * (sine / (1 - (e * sine) ** 2) + Math.atanh(e * sine) / e);
  const half = (lat) => Math.tan(Math.asin(q(Math.sin(geoasm.radians(lat))) / q(1)) / 2);
  let excess = 0;
  places.forEach((place, i) => {
    const before = places[(i || places.length) - 1];
    const [t1, t2] = [half(before.lat), half(place.lat)];
    excess += 2 * Math.atan2(Math.tan(geoasm.radians(place.lng - before.lng) / 2) * (t1 + t2), 1 + t1 * t2);
  });
  return (Math.abs(excess) * geoasm.AXIS_M ** 2 * q(1)) / 2;
};

// Zone (below 0 south of the equator), easting and northing: Krüger's series, the way back from geoasm.fromUtm.
geoasm.toUtm = function (lat, lon) {
  const n = geoasm.FLATTENING / (2 - geoasm.FLATTENING);
  const alpha = [
    n / 2 - (2 / 3) * n ** 2 + (5 / 16) * n ** 3,
    (13 / 48) * n ** 2 - (3 / 5) * n ** 3,
    (61 / 240) * n ** 3,
  ];
  const zone = (((Math.floor((lon + 180) / 6) % 60) + 60) % 60) + 1;
  const across = geoasm.radians(((lon - (6 * zone - 183) + 540) % 360) - 180);
  const k = (2 * Math.sqrt(n)) / (1 + n);
  const sine = Math.sin(geoasm.radians(lat));
  const t = Math.sinh(Math.atanh(sine) - k * Math.atanh(k * sine));
  const xi = Math.atan2(t, Math.cos(across));
  const eta = Math.atanh(Math.sin(across) / Math.sqrt(1 + t * t));
  let [east, north] = [eta, xi];
  alpha.forEach((a, i) => {
    const m = 2 * (i + 1);
    east += a * Math.cos(m * xi) * Math.sinh(m * eta);
    north += a * Math.sin(m * xi) * Math.cosh(m * eta);
  });
  const radius = (0.9996 * geoasm.AXIS_M * (1 + n ** 2 / 4 + n ** 4 / 64)) / (1 + n);
  return { zone: lat < 0 ? -zone : zone, east: 5e5 + radius * east, north: radius * north + (lat < 0 ? 1e7 : 0) };
};
