"""What is measured in geoasm's own map alone: searching, asking, counting, and what its layers paint."""

from __future__ import annotations

from pages.visit import Colours, Visit

GROUPS = '[...document.querySelectorAll("[data-group]:enabled")]'
PERU = (-9.5, -75.0)
_LOOK_MS = 300
_ANSWERED_MS = 400  # after which no further change is waited for
_DRAW_ALL = """() => {
  const extinct = document.querySelector('[data-group="right:extinct"]');
  if (!extinct.checked) extinct.click();
  const theme = document.getElementById("theme");
  theme.value = "each";
  theme.dispatchEvent(new Event("change"));
}"""
_ALONE = """(name) => {
  for (const box of document.querySelectorAll("[data-group]:enabled")) {
    if (box.checked !== (box.dataset.group === name)) box.click();
  }
}"""
_ONLY_THE_MAP = """() => {
  for (const part of document.body.children) {
    if (!part.querySelector(".leaflet-pane")) part.style.visibility = "hidden";
  }
}"""
_COUNT = """async () => {
  probe.asked = performance.now();
  geoasm.countView();
  const ran = performance.now() - probe.asked;
  await new Promise((resolve) => setTimeout(resolve, 300));
  return Math.max(ran, ...probe.answers);
}"""


def features(visit: Visit) -> int:
    """Count the features of the page's layers."""
    return int(visit.page.evaluate("geoasm.layers.reduce((sum, layer) => sum + layer.size, 0)"))


def draw_all(visit: Visit) -> float:
    """Draw extinct rights too, and far out each feature instead of sums; give milliseconds until painted."""
    visit.page.evaluate(
        "void geoasm.grid.on('painted', () => { probe.drawn = performance.now(); })"
    )
    with visit.phase("draw all") as start:
        visit.page.evaluate(_DRAW_ALL)
    return float(visit.page.evaluate("probe.drawn || 0")) - start


def answers(visit: Visit, word: str, place: tuple[float, float]) -> None:
    """Type a word into the search, ask what is at a place, count what is in view."""
    _count(visit, "counts z13")
    with visit.phase("click"):
        visit.view(place, 14)
        visit.page.wait_for_timeout(500)
        visit.page.evaluate("probe.watch('click', '.leaflet-popup-pane')")
        box = visit.page.locator(".leaflet-container").bounding_box()
        assert box is not None
        middle = visit.page.evaluate("(p) => probe.map().latLngToContainerPoint(p)", list(place))
        visit.page.mouse.click(box["x"] + middle["x"], box["y"] + middle["y"])
        visit.measured.answers["click"] = _answered(visit)
    visit.page.keyboard.press("Escape")
    with visit.phase("search"):
        visit.page.evaluate("probe.watch('keydown', '#found, #search-count')")
        visit.page.click("#query")
        strokes = []
        for letter in word:
            visit.page.keyboard.press(letter)
            strokes.append(_answered(visit))
        told = [ms for ms in strokes if ms == ms]
        visit.measured.answers["search first"] = told[0]
        visit.measured.answers["search next"] = max(told[1:])
    visit.page.fill("#query", "")
    with visit.phase("to z6 again"):
        visit.view(PERU, 6)
    _count(visit, "counts z6")


def _count(visit: Visit, name: str) -> None:
    with visit.phase(name):
        visit.page.evaluate("probe.watch(null, '.view')")
        visit.measured.answers[name] = float(visit.page.evaluate(_COUNT))


def _answered(visit: Visit) -> float:
    """Milliseconds from the last event to the last change it made; nan where it made none."""
    visit.page.wait_for_timeout(_ANSWERED_MS)
    found = visit.page.evaluate("probe.answers")
    return float(found[-1]) if found else float("nan")


def painted(visit: Visit, place: tuple[float, float], zoom: int) -> dict[str, int]:
    """Count for each group of the legend the pixels that differ when it alone is drawn."""
    visit.view(place, zoom)
    visit.page.evaluate(_ONLY_THE_MAP)
    names = visit.page.evaluate(f"{GROUPS}.map((box) => box.dataset.group)")
    visit.page.evaluate(_ALONE, "")
    ground = _still(visit)
    found = {}
    for name in names:
        visit.page.evaluate(_ALONE, name)
        found[name] = int((_still(visit) != ground).sum())
    return found


def _still(visit: Visit) -> Colours:
    """Look until two looks are the same."""
    last = None
    while True:
        visit.page.wait_for_timeout(_LOOK_MS)
        now = visit.look()
        if last is not None and (now == last).all():
            return now
        last = now
