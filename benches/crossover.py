"""Threads against tasks, from 10 to 10,000 waits at once: time beyond the wait itself, and memory.

The memory is VmRSS in Linux's /proc/self/status; elsewhere only the time is measured."""

import asyncio
import threading
import time

from report import quick, report, seconds

# Longer than ten thousand threads take to start, or they would not all wait at once.
WAIT = 0.3 if quick else 1


def memory():
    try:
        with open("/proc/self/status") as file:
            lines = dict(line.split(":", 1) for line in file)
    except OSError:
        return None
    return int(lines["VmRSS"].split()[0]) * 1024


def measure(kind, count, before, wait):
    """Calls `wait`, which waits many times at once, while another thread looks at the memory in the middle."""
    seen = []
    watcher = threading.Timer(WAIT * 9 / 10, lambda: seen.append(memory()))
    watcher.start()
    took = seconds(lambda: wait(count))
    watcher.join()
    report(f"{kind}-time-{count}", took - WAIT, "s")
    if before is not None:
        report(f"{kind}-memory-{count}", max(seen[0] - before, 0), "B")


def tasks(count):
    async def all_at_once():
        await asyncio.gather(*(asyncio.sleep(WAIT) for _ in range(count)))

    asyncio.run(all_at_once())


def threads(count):
    workers = [threading.Thread(target=time.sleep, args=(WAIT,)) for _ in range(count)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


# Tasks first: they leave less behind for the others to find.
for kind, wait in (("async", tasks), ("threads", threads)):
    before = memory()
    for count in (10, 1_000) if quick else (10, 100, 1_000, 10_000):
        measure(kind, count, before, wait)
