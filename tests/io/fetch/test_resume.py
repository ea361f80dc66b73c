"""A download that breaks goes on: no page but the first is asked again, and no row is lost."""

from __future__ import annotations

import json
import logging
import runpy
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoasm.codes import Paging
from geoasm.errors import FetchError
from geoasm.io.fetch import parts
from geoasm.io.fetch.parts import kept_beside
from tests.io.fetch.conftest import Download
from tests.io.fetch.map_server import MapServer, planted, running
from tests.io.fetch.test_server import check_rows

Serve = Callable[[MapServer], MapServer]

KINDS = ("broken off", "500", "cut short", "web page")


class Killed(BaseException):
    """The process ends here."""


def check_once(server: MapServer, resumed: int) -> None:
    """Every row went out once, but for one page each time, which is asked again to compare."""
    pages = Counter(tuple(page) for page in server.given if page)
    assert pages.total() - len(pages) <= resumed
    times = Counter(i for page in pages for i in page)
    assert times == Counter(row["OBJECTID"] for row in server.rows)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("broken_at", range(1, 7))
def test_broken_at_any_page_it_goes_on_there(
    serve: Serve, download: Download, broken_at: int, kind: str
) -> None:
    server = serve(MapServer(planted(57)))
    server.trouble = lambda page, _: kind if page >= broken_at else None
    with pytest.raises(FetchError):
        download(server, limits={"attempts": 1})
    assert len(server.given) == broken_at - 1
    assert not download.target.exists()
    server.trouble = lambda *_: None
    assert download(server).agrees
    check_rows(download.target, server.rows)
    pages = [10, 10, 10, 10, 10, 7]
    if broken_at > 1:
        pages.insert(broken_at - 1, 10)
        assert server.given[broken_at - 1] == server.given[0]
    assert [len(page) for page in server.given] == pages
    check_once(server, 1)
    assert not download.parts.exists()


@pytest.mark.parametrize("killed_at", range(1, 7))
def test_killed_at_any_page_it_goes_on_there(serve: Serve, tmp_path: Path, killed_at: int) -> None:
    server = serve(MapServer(planted(57)))

    class Ends(list[str]):
        def append(self, stage: str) -> None:
            if len(server.given) == killed_at:
                raise Killed

    with pytest.raises(Killed):
        Download(tmp_path / "out.gpkg", said=Ends())(server)
    assert Download(tmp_path / "out.gpkg")(server).agrees
    check_rows(tmp_path / "out.gpkg", server.rows)
    check_once(server, 1)


@given(
    rows=st.integers(1, 60),
    step=st.integers(1, 4),
    page_rows=st.integers(1, 25),
    cap=st.integers(1, 30),
    way=st.sampled_from(Paging),
    says_cut=st.booleans(),
    troubles=st.lists(st.sampled_from([None, None, *KINDS]), max_size=12),
)
@settings(max_examples=20)
def test_whatever_breaks_the_file_is_whole_and_nothing_came_twice(
    rows: int,
    step: int,
    page_rows: int,
    cap: int,
    way: Paging,
    says_cut: bool,
    troubles: list[str | None],
) -> None:
    coming: Iterator[str | None] = iter(troubles)
    planned = MapServer(
        planted(rows, step=step), cap=cap, states_cap=False, says_cut=says_cut, takes_offset=True
    )
    planned.trouble = lambda *_: next(coming, None)
    with running(planned) as server, tempfile.TemporaryDirectory() as folder:
        download = Download(Path(folder) / "out.gpkg")
        options = {"overwrite": True}
        for _ in range(len(troubles) + 1):
            with suppress(FetchError):
                done = download(
                    server,
                    limits={"attempts": 1},
                    options=options,
                    paging=way,
                    page_rows=page_rows,
                )
                if done.agrees:
                    break
        check_rows(download.target, server.rows)
        check_once(server, len(troubles))
        assert not download.parts.exists()


def test_without_a_list_of_ids_it_goes_on_after_the_last(serve: Serve, download: Download) -> None:
    server = serve(MapServer(planted(57), lists_ids=False, cap=10))
    server.trouble = lambda page, _: "500" if page == 4 else None
    with pytest.raises(FetchError):
        download(server, limits={"attempts": 1})
    assert download(server).agrees
    check_rows(download.target, server.rows)
    check_once(server, 1)


def broken(download: Download, server: MapServer, at: int = 3) -> None:
    server.trouble = lambda page, _: "500" if page >= at else None
    with pytest.raises(FetchError):
        download(server, limits={"attempts": 1})
    server.trouble = lambda *_: None


def test_a_service_that_has_changed_is_downloaded_anew(
    serve: Serve, download: Download, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(MapServer(planted(57)))
    broken(download, server)
    server.rows = planted(58)
    with caplog.at_level(logging.WARNING, logger="geoasm"):
        assert download(server).rows == 58
    assert "the service has changed since the download was begun" in caplog.text
    check_rows(download.target, server.rows)


@pytest.mark.parametrize(
    ("changes", "options"), [({"name": "other"}, {}), ({}, {"box": (-77.0, -11.0, -70.0, -1.0)})]
)
def test_parts_of_another_download_are_left_alone(
    serve: Serve, download: Download, changes: dict[str, str], options: dict[str, object]
) -> None:
    server = serve(MapServer(planted(57)))
    broken(download, server)
    before = sorted(p.name for p in download.parts.iterdir())
    with pytest.raises(FetchError, match="holds parts of another download \\(cadastre, begun 20"):
        download(server, options=options, **changes)
    assert sorted(p.name for p in download.parts.iterdir()) == before


def test_a_strange_folder_is_left_alone(serve: Serve, download: Download) -> None:
    download.parts.mkdir()
    (download.parts / "thesis.txt").write_text("years of work")
    with pytest.raises(FetchError, match="holds no parts of a download"):
        download(serve(MapServer(planted(5))))
    assert (download.parts / "thesis.txt").read_text() == "years of work"


def test_a_damaged_page_is_asked_again(
    serve: Serve, download: Download, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(MapServer(planted(57)))
    broken(download, server)
    first = min(download.parts.glob("0*.json"))
    first.write_bytes(first.read_bytes()[:100])
    with caplog.at_level(logging.WARNING, logger="geoasm"):
        assert download(server).agrees
    assert f"{first.name} is damaged, and is asked for again" in caplog.text
    check_rows(download.target, server.rows)


def test_two_downloads_do_not_share_a_folder(serve: Serve, download: Download) -> None:
    server = serve(MapServer(planted(5)))
    with (
        kept_beside(download.target),
        pytest.raises(FetchError, match="another download is writing"),
    ):
        download(server)
    assert download(server).agrees


def test_where_no_locks_are_known_a_download_is_kept_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "fcntl", None)
    elsewhere = runpy.run_path(parts.__file__)
    with elsewhere["kept_beside"](tmp_path / "a.gpkg") as kept:
        kept.write("1.page", b"x")
    assert (tmp_path / "a.gpkg.parts" / "1.page").read_bytes() == b"x"


def test_pages_hold_what_the_server_said(serve: Serve, download: Download) -> None:
    server = serve(MapServer(planted(57)))
    broken(download, server)
    names = sorted(p.name for p in download.parts.glob("0*.json"))
    assert names == ["000000000007-000000000034.json", "000000000037-000000000064.json"]
    page = json.loads((download.parts / names[0]).read_bytes())
    assert [f["attributes"]["OBJECTID"] for f in page["features"]] == server.given[0]
