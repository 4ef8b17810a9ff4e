"""Messages per second through each kind of queue: one producer and one consumer, four and one, four and four."""

import asyncio
import multiprocessing
import queue
import threading

from report import quick, report, seconds

MESSAGES = 4_000 if quick else 40_000
BOUND = 1_000


def produce(messages, count):
    for message in range(count):
        messages.put(message)


def consume(messages):
    while messages.get() is not None:
        pass


def all_at_once(worker, messages, producers, consumers):
    """Sends all messages; every consumer ends at a None, which is sent when the producers are done."""
    sending = [worker(target=produce, args=(messages, MESSAGES // producers)) for _ in range(producers)]
    receiving = [worker(target=consume, args=(messages,)) for _ in range(consumers)]
    for one in receiving + sending:
        one.start()
    for one in sending:
        one.join()
    for _ in receiving:
        messages.put(None)
    for one in receiving:
        one.join()


async def tasks(producers):
    messages = asyncio.Queue(BOUND)

    async def produce():
        for message in range(MESSAGES // producers):
            await messages.put(message)

    async def consume():
        while await messages.get() is not None:
            pass

    receiving = asyncio.create_task(consume())
    await asyncio.gather(*(produce() for _ in range(producers)))
    await messages.put(None)
    await receiving


def main():
    kinds = (
        ("mpsc", threading.Thread, queue.SimpleQueue),
        ("bounded", threading.Thread, lambda: queue.Queue(BOUND)),
        ("processes", multiprocessing.Process, lambda: multiprocessing.Queue(BOUND)),
    )
    for producers, consumers in ((1, 1), (4, 1), (4, 4)):
        for name, worker, make in kinds:
            messages = make()
            took = seconds(lambda: all_at_once(worker, messages, producers, consumers))
            report(f"{name}-{producers}-{consumers}", MESSAGES / took, "/s")
    for producers in (1, 4):
        took = seconds(lambda: asyncio.run(tasks(producers)))
        report(f"async-{producers}-1", MESSAGES / took, "/s")


if __name__ == "__main__":
    main()
