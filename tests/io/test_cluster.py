"""Two workers of Dask give what one process gives, also when one of them is killed at work."""

from __future__ import annotations

import gc
import os
import signal
import socket
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from threading import Thread

import dask
import numpy as np
import pytest
from click.testing import CliRunner

from geoasm import api
from geoasm.cli.main import cli
from geoasm.errors import ClusterError, InputError, MissingExtra
from geoasm.index import Index
from geoasm.io import cluster
from geoasm.io.study import read_study
from geoasm.kernels import engine
from geoasm.memory import collected_later
from geoasm.workers import Workers
from tests import hands
from tests.hands import Mortal
from tests.screened import sample_run
from tests.test_workers import PE, assert_same, places
from tests.worlds import crowd, world


@pytest.fixture(scope="module")
def two() -> Iterator[Workers]:
    with cluster.connect(n_workers=2) as workers:
        yield workers


def pids(workers: Workers) -> set[int]:
    return set(workers.map(hands.who, None, range(8)))


def test_an_interrupt_at_the_terminal_is_left_to_this_process(two: Workers) -> None:
    before = pids(two)

    for pid in before:
        os.kill(pid, signal.SIGINT)

    assert pids(two) == before


# --- the same answers


@pytest.mark.slow
def test_a_worker_killed_in_every_job_costs_a_retry_and_no_answer(
    two: Workers, sample: Path, tmp_path: Path
) -> None:
    mortal = Mortal(two, tmp_path)

    result = api.run_study(read_study(sample / "study.toml"), workers=mortal)

    assert mortal.jobs == len(mortal.dead) == 2
    assert_same(sample_run(), result)


def test_results_come_in_the_order_of_parts_that_are_taken_as_needed(two: Workers) -> None:
    taken: list[int] = []

    def parts() -> Iterator[int]:
        for i in range(40):
            taken.append(i)
            yield i

    done = two.map(hands.add, 100, parts())
    assert next(done) == 100
    assert len(taken) < 20
    assert list(done) == list(range(101, 140))


@pytest.mark.parametrize("parts", [[], [7]])
def test_few_parts_are_no_trouble(two: Workers, parts: list[int]) -> None:
    assert list(two.map(hands.add, 1, parts)) == [p + 1 for p in parts]


def test_parts_are_more_than_workers_and_none_is_large(two: Workers) -> None:
    assert two.cut(0) == two.cut(1000) == 8
    assert two.cut(1_000_000) == 100


def test_shapes_are_laid_flat_once_by_each_worker(two: Workers) -> None:
    rights, at = crowd(2)
    index = Index(world(rights).concessions)
    shares = np.array_split(places(at), 10)

    with engine.use("numba"):
        done = list(two.map(hands.link_and_count, (index, PE.crs), shares))

    assert sum(n for _, n, _ in done) > 20
    assert len({pid for pid, _, _ in done}) == 2
    assert {built for _, _, built in done} == {len(index.by_plane)}


@pytest.mark.parametrize("way", ["shapely", "numba"])
def test_workers_run_loops_the_way_that_is_chosen_here(two: Workers, way: str) -> None:
    with engine.use(way):
        assert set(two.map(hands.way, None, [None] * 4)) == {way}


# --- what goes wrong


def test_all_workers_killed_at_once_cost_the_shared_thing_once_more(
    two: Workers, caplog: pytest.LogCaptureFixture
) -> None:
    alive = pids(two)
    done = two.map(hands.add, 1000, range(12))
    assert next(done) == 1000
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
    assert list(done) == list(range(1001, 1012))
    assert caplog.text.count("is lost") >= 2
    assert not pids(two) & alive


def test_an_error_of_a_part_is_the_error_of_the_run(two: Workers) -> None:
    with pytest.raises(InputError, match="b: no such thing"):
        list(two.map(hands.refuse, None, ["b"]))
    with pytest.raises(TimeoutError, match="c"):
        list(two.map(hands.overrun, None, ["c"]))
    assert list(two.map(hands.add, 1, [1])) == [2]


def test_a_part_that_no_worker_survives_ends_the_run_with_the_way_out() -> None:
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        cluster.connect(n_workers=1) as one,
        pytest.raises(ClusterError, match=r"ended 1 workers.*memory"),
    ):
        list(one.map(hands.die, None, [1]))


def test_other_versions_on_a_worker_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = {**cluster.versions(), "geoasm": "0.0.0"}
    with cluster.connect(n_workers=1) as one:
        client = one._client  # type: ignore[attr-defined]
        monkeypatch.setattr(client, "run", lambda *_, **__: {"tcp://far": cluster.versions()})
        cluster._check_workers(client, "there", ["tcp://far"])
        monkeypatch.setattr(client, "run", lambda *_, **__: {"tcp://far": mine})
        with pytest.raises(ClusterError, match=r"tcp://far has geoasm 0\.0\.0, this machine"):
            cluster._check_workers(client, "there", ["tcp://far"])
        gone = {"tcp://far": ModuleNotFoundError("No module named 'geoasm'")}
        monkeypatch.setattr(client, "run", lambda *_, **__: gone)
        with pytest.raises(ClusterError, match=r"no usable geoasm .*geoasm\[scale\]"):
            cluster._check_workers(client, "there", ["tcp://far"])


def refusal(*arguments: str) -> str:
    outcome = CliRunner().invoke(cli, ["run", *arguments])
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    line = outcome.stderr.splitlines()[-1]
    assert line.startswith("geoasm: error: ")
    return line


def test_an_unreachable_scheduler_is_one_line(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_CONNECT_SECONDS", 1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    study = (str(sample / "study.toml"), "--out", str(tmp_path / "run"), "--engine", "dask")
    assert f"no Dask scheduler at {address}" in refusal(*study, "--scheduler", address)
    assert "no Dask scheduler at nonsense" in refusal(*study, "--scheduler", "nonsense")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("inproc://x", "no way 'inproc' to a scheduler; write tcp://HOST:PORT"),
        ("ucx://127.0.0.1:9", "no way 'ucx' to a scheduler"),
        ("tls://127.0.0.1:9", "certificates are not set up here"),
    ],
)
def test_an_address_that_dask_would_choke_on_is_one_line(
    sample: Path, tmp_path: Path, address: str, says: str
) -> None:
    study = (str(sample / "study.toml"), "--out", str(tmp_path / "run"), "--engine", "dask")

    assert f"--scheduler {address}: {says}" in refusal(*study, "--scheduler", address)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense"])
def test_no_client_is_left_half_made(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from distributed import Client

    def clients() -> set[int]:
        return {id(known) for known in gc.get_objects() if type(known) is Client}

    monkeypatch.setattr(cluster, "_CONNECT_SECONDS", 1)
    before = clients()
    with collected_later():
        with pytest.raises(ClusterError), cluster.connect(address):
            pass
        left = clients()

    assert left == before


def test_another_service_on_the_port_is_no_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_CONNECT_SECONDS", 2)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            caller, _ = server.accept()
            with caller:
                caller.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        Thread(target=answer, daemon=True).start()
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(ClusterError, match="no Dask scheduler at"), cluster.connect(address):
            pass


def test_the_workers_of_a_scheduler_do_the_work() -> None:
    from distributed import LocalCluster

    with (
        LocalCluster(
            n_workers=1, threads_per_worker=2, host="127.0.0.1", dashboard_address="127.0.0.1:0"
        ) as far,
        cluster.connect(far.scheduler_address) as workers,
    ):
        assert workers.cut(100) == 4
        assert list(workers.map(hands.add, 1, range(9))) == list(range(1, 10))


def test_a_scheduler_without_workers_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    from distributed import LocalCluster

    monkeypatch.setattr(cluster, "_CONNECT_SECONDS", 1)
    with (
        LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address="127.0.0.1:0") as empty,
        pytest.raises(ClusterError, match=f"{empty.scheduler_address} has no workers"),
        cluster.connect(empty.scheduler_address),
    ):
        pass


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        cluster, "find_spec", lambda n: None if n == "distributed" else find_spec(n)
    )
    with pytest.raises(MissingExtra, match=r"pip install 'geoasm\[scale\]'"), cluster.connect():
        pass


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--scheduler", "tcp://127.0.0.1:1"), "--scheduler is for --engine dask"),
        (("--workers", "2"), "--workers is for --engine dask"),
        (("--engine", "dask", "--workers", "2", "--scheduler", "tcp://127.0.0.1:1"), "leave one"),
        (("--engine", "dask", "--scheduler", " "), "--scheduler is empty"),
        (("--scheduler", ""), "--scheduler is for --engine dask"),
        (("--engine", "spark"), "spark"),
        (("--engine", "dask", "--workers", "0"), "--workers"),
    ],
)
def test_options_that_do_not_go_together_are_one_line(
    arguments: tuple[str, ...], told: str, sample: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    assert told in refusal(str(sample / "study.toml"), "--out", str(out), *arguments)


# --- from the command line


@pytest.mark.slow
def test_a_run_on_workers_tells_where_to_look_and_how_far_it_is(
    sample: Path, tmp_path: Path
) -> None:
    files = (
        *("--profile", "pe", "--on", "2024-06-01"),
        *("--concessions", str(sample / "concessions.gpkg")),
        *("--registrations", str(sample / "registrations.csv")),
    )
    for name, engine_flags in (("here", ()), ("there", ("--engine", "dask", "--workers", "2"))):
        arguments = ["run", *files, *engine_flags, "--out", str(tmp_path / name)]
        outcome = CliRunner().invoke(cli, arguments)
        assert outcome.exit_code == 0, outcome.stderr
    assert "2 workers, dashboard: http://127.0.0.1:" in outcome.stderr
    assert "link: 8 of 8 parts" in outcome.stderr
    assert "certainty: 8 of 8 parts" in outcome.stderr
    written = sorted(
        p.relative_to(tmp_path / "here") for p in (tmp_path / "here").rglob("*.parquet")
    )
    assert len(written) > 10
    for path in written:
        assert (tmp_path / "here" / path).read_bytes() == (tmp_path / "there" / path).read_bytes()
