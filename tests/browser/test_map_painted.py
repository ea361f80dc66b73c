"""Every layer is painted, from afar, in a district and over one feature; themes and ink are what they say."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import shapely
from playwright.sync_api import Page, expect

from geoasm.codes import AsmClass, ConcessionStatus
from tests.browser.conftest import Opener
from tests.render import synthetic

pytestmark = pytest.mark.browser

# Pixels of each group when it is on alone and the view stands over one of its features.
PAINTED = """(zoom) => {
  const boxes = [...document.querySelectorAll("[data-group]:enabled")];
  const told = {};
  for (const one of boxes) {
    for (const box of boxes) box.checked = box === one;
    geoasm.show(boxes);
    const id = one.dataset.group;
    const layer = geoasm.layers.find((l) => l.groups.some((g) => g.id === id)) || geoasm.layer("concessions");
    const g = layer.groups.findIndex((group) => group.id === id);
    const f = [...Array(layer.size).keys()].find((i) => g < 0 || layer.member[i] === g);
    geoasm.map.setView(geoasm.unproject(...layer.at(f)), zoom, { animate: false });
    geoasm.grid.repaintNow();
    let painted = 0;
    for (const tile of geoasm.grid.getContainer().querySelectorAll("canvas")) {
      const { data } = tile.getContext("2d").getImageData(0, 0, tile.width, tile.height);
      for (let i = 3; i < data.length; i += 4) painted += data[i] > 0;
    }
    told[id] = painted;
  }
  return told;
}"""
COLORS = """() => {
  const found = {};
  for (const tile of geoasm.grid.getContainer().querySelectorAll("canvas")) {
    const { data } = tile.getContext("2d").getImageData(0, 0, tile.width, tile.height);
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] < 255) continue;
      const color = [data[i], data[i + 1], data[i + 2]].map((v) => v.toString(16).padStart(2, "0")).join("");
      found[color] = (found[color] || 0) + 1;
    }
  }
  return found;
}"""


@pytest.fixture
def page(visit: Opener) -> Page:
    return visit("map.html").page


# From afar shared ground is less than a pixel; close by the view stands inside a region's outline.
@pytest.mark.parametrize(
    ("zoom", "unseen"), [(6, {"overlap"}), (11, set()), (16, {"context:admin:polygon"})]
)
def test_every_group_is_painted(page: Page, zoom: int, unseen: set[str]) -> None:
    painted = page.evaluate(PAINTED, zoom)
    expected = {f"class:{c}" for c in AsmClass if c is not AsmClass.UNLOCATABLE}
    expected |= {f"right:{s}" for s in ConcessionStatus} | {"candidate", "overlap"}
    expected |= {"verify_first", "cluster"}
    assert expected <= set(painted)
    assert {group for group, pixels in painted.items() if pixels < 3} <= unseen


def test_from_afar_a_candidate_is_a_mark_that_the_eye_finds(page: Page) -> None:
    page.evaluate("void geoasm.map.setView([-7.1, -78.5], 6, {animate: false})")
    page.evaluate("geoasm.grid.repaintNow()")
    candidate = sum(n for color, n in page.evaluate(COLORS).items() if color == "e0007a")
    assert candidate > 20


@pytest.mark.parametrize(("theme", "layer"), [("registrations", "point"), ("concessions", "box")])
def test_cells_count_what_the_legend_shows(page: Page, theme: str, layer: str) -> None:
    run = synthetic.result()
    page.select_option("#theme", theme)
    page.evaluate("void geoasm.map.setView([-7.1, -78.5], 6, {animate: false})")
    told = page.evaluate(
        "() => { const c = geoasm.cells(6); return [c.left, c.top, c.across, c.side, [...c.shown]]; }"
    )
    left, top, across, side, shown = told
    if layer == "point":
        points = run.registrations.geometry.dropna()
        lon, lat = points.x.to_numpy(), points.y.to_numpy()
        x, y = world(lon, lat)
    else:
        west, south, east, north = shapely.bounds(run.concessions.geometry.to_numpy()).T
        (x0, y0), (x1, y1) = world(west, south), world(east, north)
        x, y = (x0 + x1) / 2, (y0 + y1) / 2
    cells = Counter(zip(np.floor(x / side) - left, np.floor(y / side) - top, strict=True))
    assert {k: n for k, n in enumerate(shown) if n} == {
        int(row * across + column): n for (column, row), n in cells.items()
    }


def world(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    y = 0.5 - np.arcsinh(np.tan(np.radians(lat))) / (2 * np.pi)
    return (lon / 360 + 0.5) * 2**30, y * 2**30


def test_a_share_is_of_everything_and_follows_the_legend(page: Page) -> None:
    page.select_option("#theme", "share")
    page.evaluate("void geoasm.map.setView([-7.1, -78.5], 5, {animate: false})")
    sums = "() => { const c = geoasm.cells(5); return [c.shown, c.all].map((v) => v.reduce((a, b) => a + b)); }"
    shown, everything = page.evaluate(sums)
    assert shown == everything
    page.locator('[data-group="class:own_title"]').uncheck()
    own = (synthetic.result().registrations["asm_class"] == "own_title").sum()
    assert page.evaluate(sums) == [everything - own, everything]
    expect(page.locator("#ramp li")).to_have_count(5)
    expect(page.locator("#ramp")).to_contain_text("80–100 %")


def test_the_ramp_speaks_only_where_cells_are_drawn(page: Page) -> None:
    page.select_option("#theme", "registrations")
    page.evaluate("void geoasm.map.setView([-7.1, -78.5], 7, {animate: false})")
    expect(page.locator("#ramp")).to_contain_text("≥ 100")
    page.evaluate("void geoasm.map.setView([-7.1, -78.5], 9, {animate: false})")
    expect(page.locator("#ramp")).to_be_empty()


def test_overlaps_are_painted_where_two_living_rights_lie_and_nowhere_else(page: Page) -> None:
    run = synthetic.result()
    living = run.concessions[run.concessions["status"] != "extinct"].geometry.to_numpy()
    boxes = page.locator("[data-group]:enabled")
    for box in boxes.all():
        box.set_checked(box.get_attribute("data-group") == "overlap")
    page.evaluate("void geoasm.map.setView([-7.1, -78.5], 12, {animate: false})")
    page.evaluate("geoasm.grid.repaintNow()")
    rng = np.random.default_rng(5)
    west, south, east, north = page.evaluate(
        "() => geoasm.map.getBounds().toBBoxString().split(',').map(Number)"
    )
    lon, lat = rng.uniform(west, east, 400), rng.uniform(south, north, 400)
    points = shapely.points(lon, lat)
    tree = shapely.STRtree(living)
    depth = np.bincount(tree.query(points, predicate="within")[0], minlength=len(points))
    near = np.bincount(
        tree.query(shapely.boundary(shapely.buffer(points, 1e-3)), predicate="intersects")[0],
        minlength=len(points),
    )
    painted = page.evaluate(
        """places => places.map(([lon, lat]) => {
          const p = geoasm.map.project([lat, lon]);
          for (const tile of geoasm.grid.getContainer().querySelectorAll("canvas")) {
            const [x, y] = [p.x - tile.coords.x * 256, p.y - tile.coords.y * 256];
            if (x < 0 || y < 0 || x >= 256 || y >= 256 || tile.coords.z !== geoasm.map.getZoom()) continue;
            return tile.getContext("2d").getImageData(x, y, 1, 1).data[3] > 0;
          }
          return null;
        })""",
        np.column_stack([lon, lat]).tolist(),
    )
    sure = (near == 0) | (
        shapely.distance(points, shapely.union_all(shapely.boundary(living))) > 5e-4
    )
    told = [(bool(d >= 2), p) for d, p, s in zip(depth, painted, sure, strict=True) if s]
    assert {p for d, p in told if d} <= {True}
    assert {p for d, p in told if not d} == {False}
    assert page.evaluate(PAINTED, 12)["overlap"] > 50


def test_in_dark_ink_there_is_no_colour(page: Page) -> None:
    page.evaluate("void geoasm.map.setView([-7.1, -78.5], 12, {animate: false})")
    page.evaluate("document.getElementById('ink').click()")
    page.evaluate("geoasm.grid.repaintNow()")
    colors = page.evaluate(COLORS)
    assert sum(colors.values()) > 100
    assert {c for c in colors if len({c[:2], c[2:4], c[4:]}) > 1} == set()
