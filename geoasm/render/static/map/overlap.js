// Ground under two rights or more that are not extinct: counted pixel by pixel, so it costs no data.
geoasm.OVERLAP = { deep: 40, color: [122, 79, 163], strength: 110 };

geoasm.paintOverlaps = function* (context, layer, view) {
  const box = document.querySelector('[data-group="overlap"]');
  if (!box || !box.checked) return;
  const { deep, color, strength } = geoasm.OVERLAP;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = geoasm.TILE * view.ratio;
  const counted = canvas.getContext("2d", { willReadFrequently: true });
  counted.scale(view.ratio, view.ratio);
  counted.globalCompositeOperation = "lighter";
  counted.fillStyle = `rgb(${deep}, 0, 0)`;
  const extinct = layer.groups.findIndex((group) => group.id === "right:extinct");
  const found = [];
  layer.within(view.west, view.north, view.east, view.south, (f) => { if (layer.member[f] !== extinct) found.push(f); });
  for (const [i, f] of found.entries()) {
    const path = new Path2D();
    geoasm.trace(path, layer, f, view);
    counted.fill(path, "evenodd");
    if (i % geoasm.FEW === 0) yield;
  }
  const image = counted.getImageData(0, 0, canvas.width, canvas.height);
  const { data } = image;
  const ink = document.body.classList.contains("ink");
  // Along a common side two half covered pixels make no whole one.
  for (let i = 0; i < data.length; i += 4) {
    const isDouble = data[i] >= 1.6 * deep;
    data.set(isDouble ? [...(ink ? [26, 26, 26] : color), strength] : [0, 0, 0, 0], i);
  }
  counted.globalCompositeOperation = "source-over";
  counted.putImageData(image, 0, 0);
  context.drawImage(canvas, 0, 0, geoasm.TILE, geoasm.TILE);
};
