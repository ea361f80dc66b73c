// Brings the layers into the page: first what the view shows, then what an answer or a search needs.
geoasm.WORTH_A_WORKER = 100000; // letters; a smaller parcel is read before a worker is up
geoasm.NAMED = /^(base:.*|context:admin:polygon)$/;
geoasm.STAGES = ["drawn", "whole", "searchable"];

// What can wait does, until the page is painted: processors are few.
geoasm.idle = new Promise((resolve) => { geoasm.isPainted = resolve; });

// What waited for the picture begins one after the other, each in a task of its own.
geoasm.lastTurn = geoasm.idle;

geoasm.turn = function () {
  geoasm.lastTurn = geoasm.lastTurn.then(() => new Promise((resolve) => { setTimeout(resolve); }));
  return geoasm.lastTurn;
};

// Long parcels stand behind the scripts: the page is at work before it has come to its end.
geoasm.parsed = new Promise((resolve) => {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", resolve);
  else resolve();
});

// The layer of a block as its header tells; `read` begins to read the rest, `stages` resolve as it comes. What is said
// of a layer waits for the first picture, unless names of it are in that.
geoasm.begin = function (block) {
  const [head, ...packed] = block.split("\n");
  const layer = new geoasm.Layer(geoasm.headed(head));
  const settle = {};
  layer.stages = {};
  for (const stage of geoasm.STAGES) layer.stages[stage] = new Promise((resolve) => { settle[stage] = resolve; });
  const hear = ({ haystack, ...told }) => {
    Object.assign(layer, told);
    if (haystack) layer.haystacks.push(haystack);
    if (layer.ready) settle.drawn(layer);
  };
  const reading = async () => {
    await geoasm.job(0, head, await geoasm.letters(layer, packed, 0), hear, layer.isPoint);
    settle.drawn(layer);
    if (!geoasm.NAMED.test(layer.id)) await geoasm.turn();
    await geoasm.job(1, head, await geoasm.letters(layer, packed, 1), (told) => {
      hear(told);
      layer.isWhole = true;
      settle.whole(layer);
    }, false);
    settle.searchable(layer);
  };
  layer.isSmall = packed.every((letters) => letters !== "" && letters.length < geoasm.WORTH_A_WORKER);
  layer.read = () => { layer.reading = layer.reading || reading(); };
  return layer;
};

// The letters of a parcel: in the block, or behind the scripts.
geoasm.letters = async function (layer, packed, parcel) {
  if (packed[parcel]) return packed[parcel];
  await geoasm.parsed;
  const element = document.querySelector(`[data-parcel="${CSS.escape(layer.id)} ${parcel}"]`);
  const text = element.textContent;
  element.remove();
  return text;
};

// Do a job in a worker, if it is worth one; where there can be none, the page does it itself.
geoasm.job = function (job, head, letters, hear, isHere) {
  const here = () => geoasm.jobs[job](geoasm.headed(head), letters, hear, geoasm.idle);
  if (isHere || letters.length < geoasm.WORTH_A_WORKER) return here();
  return geoasm.inWorker([job, head, letters], hear).catch(here);
};

geoasm.inWorker = function (work, hear) {
  const answer = () => {
    const idle = new Promise((resolve) => {
      onmessage = async ({ data }) => {
        if (data === null) {
          resolve();
          return;
        }
        const [job, head, letters] = data;
        await geoasm.jobs[job](geoasm.headed(head), letters, (told) => postMessage(told), idle);
        postMessage(null);
        close();
      };
    });
  };
  const code = `${document.getElementById("geoasm-decode").textContent}\n(${answer})();`;
  return new Promise((resolve, reject) => {
    const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    const worker = new Worker(url);
    worker.onmessage = ({ data }) => {
      if (data === null) resolve();
      else hear(data);
    };
    worker.onerror = reject;
    worker.postMessage(work);
    geoasm.idle.then(() => worker.postMessage(null));
  });
};

// Blocks of a kind, taken out of the page.
geoasm.taken = function (kind) {
  const elements = [...document.querySelectorAll(`.geoasm-${kind}`)];
  const layers = elements.map((element) => geoasm.begin(element.textContent));
  elements.forEach((element) => element.remove());
  return layers;
};

// The layers with their headers. Points and small ones are read at once: they are in every view.
geoasm.read = function () {
  const page = JSON.parse(document.getElementById("geoasm-data").textContent);
  geoasm.words = page.words;
  geoasm.shapesOf = page.shapes;
  geoasm.ways = page.ways;
  geoasm.layers = geoasm.taken("layer");
  geoasm.layer = (id) => geoasm.layers.find((layer) => layer.id === id);
  for (const layer of geoasm.layers) if (layer.isPoint || layer.isSmall) layer.read();
};

// Layers of which the view draws something.
geoasm.inView = function () {
  return geoasm.layers.filter((layer) => geoasm.isDrawn(layer, geoasm.map.getZoom()));
};

geoasm.readView = async function () {
  const layers = geoasm.inView();
  for (const layer of layers) layer.read();
  await Promise.all(layers.map((layer) => layer.stages.drawn));
};

// When all that is answered, counted and saved is there.
geoasm.whole = async function () {
  await Promise.all(geoasm.layers.map((layer) => layer.stages.whole));
};

geoasm.searchable = new Promise((resolve) => { geoasm.canSearch = resolve; });

// Read what the first picture did not need, and draw what of it is in view.
geoasm.readRest = async function () {
  const arrived = () => {
    geoasm.soon(geoasm.countView);
    geoasm.grid.repaint();
  };
  await geoasm.idle;
  await Promise.all(geoasm.layers.map(async (layer) => {
    for (const stage of ["drawn", "whole"]) {
      const { ready } = layer;
      if (!layer.reading) await geoasm.turn();
      layer.read();
      await layer.stages[stage];
      if (layer.ready > ready) arrived();
    }
  }));
  await Promise.all(geoasm.layers.map((layer) => layer.stages.searchable));
  geoasm.isSearchable = true;
  geoasm.canSearch();
  document.documentElement.dataset.layers = "whole";
  geoasm.warmUp();
};

// Read the columns of the large layers while nobody waits, one at a time: the first answer comes at once.
geoasm.warmUp = function () {
  const [rights, registrations] = ["concessions", "registrations"].map(geoasm.layer);
  const works = [rights, registrations].filter(Boolean).flatMap((layer) => [
    () => layer.depthOf(0), () => layer.readStacks(), ...layer.columns.map((column) => () => column.at(0)),
    ...layer.fields.flatMap((field) => field.parts).filter((part) => part.rows).map((part) => () => layer.rowsOf(part.rows)),
  ]);
  const next = () => {
    const work = works.shift();
    if (!work) return;
    work();
    setTimeout(next, 10);
  };
  setTimeout(next, 100);
};
