"""What is measured in geoasm's own map alone: searching, asking, counting, and what its layers paint."""

from __future__ import annotations

from pages.visit import Visit

GROUPS = '[...document.querySelectorAll("[data-group]:enabled")]'
EXTINCT = '[data-group="right:extinct"]'
PERU = (-9.5, -75.0)
_ANSWERED_MS = 400  # after which no further change is waited for
# One group of the legend at a time, until what it paints no longer changes.
_PAINTED = """async (names) => {
  const boxes = [...document.querySelectorAll("[data-group]:enabled")];
  const set = (box, on) => { if (box.checked !== on) box.click(); };
  const still = async () => {
    let [last, same] = [-1, 0];
    for (let i = 0; i < 60 && same < 2; i++) {
      await new Promise((resolve) => setTimeout(resolve, 60));
      const now = probe.pixels();
      same = now === last ? same + 1 : 0;
      last = now;
    }
    return last;
  };
  const count = {};
  for (const name of names) {
    for (const box of boxes) set(box, box.dataset.group === name);
    count[name] = await still();
  }
  return count;
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


def extinct_is_on(visit: Visit) -> bool | None:
    """Tell whether extinct rights are drawn as the page opens; none where it has none."""
    box = visit.page.query_selector(EXTINCT)
    return None if box is None else box.is_checked()


def draw_extinct(visit: Visit) -> float:
    """Switch the extinct rights on; give the milliseconds until they are painted."""
    visit.page.evaluate("geoasm.grid.on('painted', () => { probe.drawn = performance.now(); })")
    with visit.phase("extinct on") as start:
        visit.page.evaluate(f"document.querySelector('{EXTINCT}').click()")
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


def painted(visit: Visit) -> dict[str, int]:
    """Count the pixels that each group of the legend paints alone, the country in view."""
    visit.view(PERU, 6)
    names = visit.page.evaluate(f"{GROUPS}.map((box) => box.dataset.group)")
    found: dict[str, int] = visit.page.evaluate(_PAINTED, names)
    return found
