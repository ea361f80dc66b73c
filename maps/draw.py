"""Draw the example map and its pictures: `make maps`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from click.testing import CliRunner
from playwright.sync_api import Browser, sync_playwright

from geoasm.cli.main import cli

HERE = Path(__file__).parent
SAMPLE = HERE / "sample"
FILES = ("map.html", "report.html", "manifest.json")
OFFLINE = ("--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND")
SIZE = {"width": 1366, "height": 768}
# Picture: address of the view, and the place to ask, as shares of the map.
VIEWS = {"country.png": ("", None), "district.png": ("#12/-15.715/-69.985", "registrations")}


def draw(run: Path) -> None:
    """Run the demo and keep its pages."""
    told = CliRunner().invoke(cli, ["demo", "--out", str(run), "--overwrite"])
    if told.exit_code:
        sys.exit(told.output)
    SAMPLE.mkdir(exist_ok=True)
    for name in FILES:
        shutil.copyfile(run / name, SAMPLE / name)


def photograph(browser: Browser) -> None:
    """Take a picture of each view; where asked, with the answer on the first registration in it."""
    for name, (address, layer) in VIEWS.items():
        page = browser.new_page(viewport=SIZE)
        page.goto((SAMPLE / "map.html").as_uri() + address)
        page.wait_for_selector("html[data-map=painted][data-layers=whole]")
        if layer:
            page.evaluate(ASK, layer)
        page.wait_for_timeout(800)
        page.screenshot(path=SAMPLE / name)
        page.close()


ASK = """(id) => {
  const layer = geoasm.layer(id);
  const [west, north, east, south] = geoasm.box(geoasm.map.getBounds().pad(-0.3));
  const found = [];
  layer.within(west, north, east, south, (f) => { if (layer.stackOf(f).length > 1) found.push(f); });
  const point = layer.at(found[0]);
  geoasm.ask(geoasm.unproject(...point), point);
}"""


def main() -> None:
    """Draw everything; without a browser there are no pictures."""
    draw(HERE.parent / "out" / "demo")
    print(SAMPLE / "map.html")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("there is no chromium on PATH: the pictures were not taken")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(OFFLINE))
        photograph(browser)
        browser.close()


if __name__ == "__main__":
    main()
