"""Work on items as they are read: one thread reads ahead, others work, results come in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Done = TypeVar("Done")


def in_order(
    items: Iterator[Item], work: Callable[[Item], Done], workers: int
) -> Iterator[tuple[Item, Done]]:
    """
    Give every item with what the work made of it, in the items' order.

    At most `workers` items are at work, one more is being read, and one is with the caller. What
    reading or work raises, the caller gets in its turn.
    """
    waiting: deque[tuple[Item, Future[Done]]] = deque()
    with ThreadPoolExecutor(1) as reader, ThreadPoolExecutor(workers) as pool:
        coming = reader.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = reader.submit(next, items, None)
            if len(waiting) == workers:
                done, future = waiting.popleft()
                yield done, future.result()
            waiting.append((item, pool.submit(work, item)))
        while waiting:
            done, future = waiting.popleft()
            yield done, future.result()
