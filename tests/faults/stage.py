"""
A process that has the sample's answers ready, and lets children write them while faults strike.

Reads one order a line, as JSON, and answers each with one line: how the child ended and what it said.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.faults import strike


@dataclass(frozen=True)
class Order:
    """
    What a child does: a command line, and the fault that strikes it.

    `where` is "files" (with `clearing`), "lines", "moving" or "" for faults from outside: `after_s` and the
    `signal` that comes then, or `largest` bytes of a file. The `victim` is an input that is spoilt.
    """

    arguments: list[str]
    around: str
    where: str = ""
    at: int = 0
    blow: str | None = None
    clearing: bool = False
    after_s: float | None = None
    signal: int = 0
    largest: int | None = None
    victim: str = ""


@dataclass(frozen=True)
class Ending:
    """How a child ended: exit code, negative for a signal; what it said; points that it passed."""

    code: int
    said: str
    points: int = 0
    lasted_s: float = field(default=0.0, compare=False)


def prepare(study: Path) -> Path:
    """Answer everything once, have commands write those answers, and give a finished run."""
    from geoasm import api
    from geoasm.cli.main import COMMANDS, cli
    from geoasm.io.study import read_study

    analysis = api.run_study(read_study(study))
    cadastre = study.with_name("concessions.gpkg")
    rights = api.compare_rights(str(cadastre), profile="pe", on=read_study(study).on)
    api.run_study = lambda *_, **__: analysis
    api.compare_rights = lambda *_, **__: rights
    for name in COMMANDS:  # so that a child imports nothing
        cli.get_command(None, name)
    add_tiny()
    folder = Path(tempfile.mkdtemp())
    analysis.save(folder / "run")
    return folder


def add_tiny() -> None:
    """Add a command that writes little, in which moving is all there is to strike."""
    import click

    from geoasm.cli import options
    from geoasm.cli.main import LazyGroup
    from geoasm.io import atomic, moves

    @click.command()
    @click.option("--plain", is_flag=True)
    @click.option("--page", is_flag=True)
    @options.out()
    @options.overwrite
    def tiny(plain: bool, page: bool, out: Path, overwrite: bool) -> None:
        if plain:  # a system that knows no exchange
            moves._system_call = lambda: None
        if page:
            atomic.write_text(out, "page", overwrite=overwrite)
            return
        with atomic.whole_folder(
            out, overwrite=overwrite, replaceable=lambda _: True, what="tiny"
        ) as fresh:
            atomic.write_text(fresh / "one", "1")
            (fresh / "two").write_text("2")

    find = LazyGroup.get_command
    LazyGroup.get_command = lambda self, context, name: (  # type: ignore[method-assign]
        tiny if name == "tiny" else find(self, context, name)
    )


def carry_out(order: Order) -> Ending:
    """Let a child do what is ordered."""
    report, told = os.pipe()
    began = time.monotonic()
    with tempfile.TemporaryFile() as said:
        child = os.fork()
        if child == 0:
            os.close(report)
            _be_child(order, said.fileno(), told)
        os.close(told)
        if order.after_s is not None:
            time.sleep(order.after_s)
            os.kill(child, order.signal)
        _, status = os.waitpid(child, 0)
        lasted = time.monotonic() - began
        with os.fdopen(report) as pipe:
            points = int(pipe.read() or 0)
        said.seek(0)
        text = said.read().decode(errors="replace")
    return Ending(os.waitstatus_to_exitcode(status), text, points, lasted)


def _be_child(order: Order, said: int, told: int) -> None:
    """Never returns: the stage's own cleaning up is not the child's."""
    code, counter = 99, strike.Counter(order.at, order.blow, order.victim)
    try:
        os.dup2(said, 2)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = _run_command(order, counter)
    finally:
        sys.settrace(None)
        os.write(told, str(counter.count).encode())
        os._exit(code)


def _run_command(order: Order, counter: strike.Counter) -> int:
    from geoasm.cli import main

    sys.argv = ["geoasm", *order.arguments]
    if order.largest is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (order.largest, order.largest))
    if order.where == "files":
        strike.at_files(counter, order.around, clearing=order.clearing)
    elif order.where == "lines":
        strike.at_lines(counter)
    elif order.where == "moving":
        strike.at_lines(counter, strike.MOVING)
    try:
        main.main()
    except SystemExit as ended:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the command has ended
        return ended.code if isinstance(ended.code, int) else 0
    except KeyboardInterrupt:
        return 130  # between the command and its end
    except BaseException:
        import traceback

        traceback.print_exc()
        raise
    return 0


def serve(study: Path) -> None:
    """Answer orders until there are none."""
    channel = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    print(prepare(study), file=channel, flush=True)
    for line in sys.stdin:
        ending = carry_out(Order(**json.loads(line)))
        print(json.dumps(asdict(ending)), file=channel, flush=True)


def decoded(line: str) -> Ending:
    """Read what a stage answered."""
    content: dict[str, Any] = json.loads(line)
    return Ending(**content)


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    serve(Path(sys.argv[1]))
