// A layer is read in two jobs, each in a worker or in the page: what is drawn of it, and what is said of it.

// What is known of the places of a layer so far.
geoasm.places = function (layer) {
  const { member, xy, ringStart, vertexStart, boxes, tenthsHa, blockBoxes, ready, size } = layer;
  if (layer.kind === "point") return { member, xy, blockBoxes, ready };
  const told = { member, xy, ringStart, vertexStart, boxes, tenthsHa, blockBoxes, ready };
  if (ready === size) return told;
  const parts = { xy: xy.slice(0, 2 * vertexStart[ringStart[ready]]), boxes: boxes.slice(0, 4 * ready) };
  return { ...told, ...parts, tenthsHa: tenthsHa.slice(0, ready) };
};

// A job reads one parcel of a layer and tells of it; late shapes wait for `idle`.
geoasm.jobs = [
  async function (layer, letters, tell, idle) {
    layer.parcels[0] = await geoasm.unzip(letters);
    for (const _ of geoasm.strides(layer)) {
      tell(geoasm.places(layer));
      if (layer.ready < layer.size) await idle;
    }
  },
  async function (layer, letters, tell) {
    layer.parcels[1] = await geoasm.unzip(letters);
    tell({ parcels: layer.parcels });
    for (const haystack of geoasm.haystacks(layer)) tell({ haystack });
  },
];
