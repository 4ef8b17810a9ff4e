"""Starting one of each kind of worker and waiting for its end."""

import asyncio
import multiprocessing
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from report import quick, report, seconds


def nothing():
    pass


async def nothing_async():
    pass


def each(times, call):
    """Seconds that one call takes, from many in a row; the first few are not counted."""
    for _ in range(times // 10):
        call()

    def many():
        for _ in range(times):
            call()

    return seconds(many) / times


def one(kind):
    worker = kind(target=nothing)
    worker.start()
    worker.join()


async def tasks(times):
    for _ in range(times // 10):
        await asyncio.create_task(nothing_async())
    start = time.perf_counter()
    for _ in range(times):
        await asyncio.create_task(nothing_async())
    return (time.perf_counter() - start) / times


def main():
    times = 500 if quick else 5_000
    report("thread", each(times, lambda: one(threading.Thread)), "s")
    with ThreadPoolExecutor() as pool:
        report("pool-task", each(times, lambda: pool.submit(nothing).result()), "s")
    report("async-task", asyncio.run(tasks(times)), "s")
    spawn = multiprocessing.get_context("spawn")
    report("process", each(2 if quick else 20, lambda: one(spawn.Process)), "s")
    if "fork" in multiprocessing.get_all_start_methods():
        fork = multiprocessing.get_context("fork")
        report("process-fork", each(10 if quick else 100, lambda: one(fork.Process)), "s")


if __name__ == "__main__":
    main()
