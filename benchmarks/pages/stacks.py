"""Where the time of a page's long tasks goes, by the browser's own sampling of its stacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pages.visit import LONG_MS, Visit

_SAMPLE_US = 500
_LISTED = 7


@dataclass
class LongTask:
    """A long task, with milliseconds by function: its own, and with what it called."""

    phase: str
    start: float
    length: float
    own: Counter[tuple[str, int]]
    whole: Counter[tuple[str, int]]


def long_tasks(visit: Visit, doing: Callable[[Visit], None]) -> list[LongTask]:
    """Do something on a page that is not open yet, and give its long tasks."""
    visit.cdp.send("Profiler.enable")
    visit.cdp.send("Profiler.setSamplingInterval", {"interval": _SAMPLE_US})
    visit.cdp.send("Profiler.start")
    doing(visit)
    told = visit.cdp.send("Profiler.stop")["profile"]
    metrics = visit.cdp.send("Performance.getMetrics")["metrics"]
    origin = next(m["value"] for m in metrics if m["name"] == "NavigationStart") * 1e6
    nodes = {node["id"]: node for node in told["nodes"]}
    above = {child: node["id"] for node in told["nodes"] for child in node.get("children", [])}
    tasks = [
        LongTask(_phase(visit, start), start, length, Counter(), Counter())
        for start, length in visit.tasks()
        if length > LONG_MS
    ]
    clock = told["startTime"] - origin
    for sample, delta in zip(told["samples"], told["timeDeltas"], strict=True):
        clock += delta
        task = next((t for t in tasks if 0 <= clock / 1000 - t.start <= t.length), None)
        if task is None:
            continue
        task.own[_name(nodes[sample])] += delta / 1000
        seen, at = set(), sample
        while at is not None:
            seen.add(_name(nodes[at]))
            at = above.get(at)
        for name in seen:
            task.whole[name] += delta / 1000
    return tasks


def _phase(visit: Visit, start: float) -> str:
    return next((n for n, begun, ended in visit.phases if begun <= start < ended), "load")


def _name(node: dict[str, Any]) -> tuple[str, int]:
    frame = node["callFrame"]
    return frame["functionName"] or "(anonymous)", frame["lineNumber"] if frame["url"] else -1


def show(tasks: list[LongTask], page: Path) -> None:
    """Print for each phase its long tasks, and the functions and lines of the page that take most of them."""
    lines = page.read_text(encoding="utf-8").split("\n")
    for phase in dict.fromkeys(task.phase for task in tasks):
        here = [task for task in tasks if task.phase == phase]
        print(f"\n{phase}: {', '.join(f'{task.length:.0f}' for task in here)} ms")
        for title in ("own", "whole"):
            counts: Counter[tuple[str, int]] = Counter()
            for task in here:
                counts.update(getattr(task, title))
            for (name, line), ms in counts.most_common(_LISTED):
                text = lines[line].strip()[:70] if line >= 0 else "of the browser"
                print(f"  {title:<5} {ms:7.1f} ms  {name:<24} {text}")
