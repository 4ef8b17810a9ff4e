"""The two jobs of the race in Python: one shared counter, one shared log file.

    race.py name                                      the interpreter's name
    race.py counter VERSION THREADS INCREMENTS        prints the seconds and what was counted
    race.py file VERSION THREADS LINES PATH           prints the seconds; appends to PATH

The versions carry the names that they have in counter.rs and file.rs, and do the same, step for step.
"""

import queue
import sys
import threading
import time


# ANCHOR: load_store
def load_store(threads, increments):
    counter = 0
    all_have_read = threading.Barrier(threads)

    def count():
        nonlocal counter
        for round in range(increments):
            read = counter
            if round == 0:
                all_have_read.wait()
            counter = read + 1

    in_threads(threads, lambda worker: count())
    return counter
# ANCHOR_END: load_store


def mutex(threads, increments):
    counter = 0
    lock = threading.Lock()

    def count():
        nonlocal counter
        for _ in range(increments):
            with lock:
                counter += 1

    in_threads(threads, lambda worker: count())
    return counter


def sums(threads, increments):
    counted = [0] * threads

    def count(worker):
        mine = 0
        for _ in range(increments):
            mine += 1
        counted[worker] = mine

    in_threads(threads, count)
    return sum(counted)


def entry(worker, image):
    size = image * 7919 % 100_000
    return f"worker {worker} saved ".encode(), f"{image:06}.jpg ".encode(), f"({size} bytes)\n".encode()


def images(worker, lines):
    return range(worker * lines, (worker + 1) * lines)


# Unbuffered, so that a call of write() is one write to the file, as in Rust.

def pieces(threads, lines, path):
    all_have_begun = threading.Barrier(threads)

    def work(worker):
        with open(path, "ab", buffering=0) as log:
            for round, image in enumerate(images(worker, lines)):
                head, *rest = entry(worker, image)
                log.write(head)
                if round == 0:
                    all_have_begun.wait()
                for piece in rest:
                    log.write(piece)

    in_threads(threads, work)


def offsets(threads, lines, path):
    def work(worker):
        with open(path, "r+b", buffering=0) as log:
            for image in images(worker, lines):
                log.write(b"".join(entry(worker, image)))

    in_threads(threads, work)


def lock(threads, lines, path):
    locked = threading.Lock()
    with open(path, "ab", buffering=0) as log:
        def work(worker):
            for image in images(worker, lines):
                with locked:
                    for piece in entry(worker, image):
                        log.write(piece)

        in_threads(threads, work)


def append(threads, lines, path):
    def work(worker):
        with open(path, "ab", buffering=0) as log:
            for image in images(worker, lines):
                line = b"".join(entry(worker, image))
                if log.write(line) < len(line):
                    raise OSError("only a part of a line was written")

    in_threads(threads, work)


def channel(threads, lines, path):
    entries = queue.SimpleQueue()

    def write():
        with open(path, "ab") as log:
            while (pieces := entries.get()) is not None:
                for piece in pieces:
                    log.write(piece)

    def work(worker):
        for image in images(worker, lines):
            entries.put(entry(worker, image))

    writer = threading.Thread(target=write)
    writer.start()
    in_threads(threads, work)
    entries.put(None)
    writer.join()


def in_threads(threads, work):
    failed = []

    def guarded(worker):
        try:
            work(worker)
        except BaseException as error:
            failed.append(error)

    workers = [threading.Thread(target=guarded, args=(worker,)) for worker in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if failed:
        raise failed[0]


def name():
    free_threaded = not getattr(sys, "_is_gil_enabled", lambda: True)()
    return f"Python {sys.version_info.major}.{sys.version_info.minor}{'t' if free_threaded else ''}"


def main(task, *args):
    if task == "name":
        print(name())
        return
    version, threads, times, *path = args
    versions = {
        "counter": {"load-store": load_store, "mutex": mutex, "sums": sums},
        "file": {"pieces": pieces, "offsets": offsets, "lock": lock, "append": append, "channel": channel},
    }
    start = time.perf_counter()
    got = versions[task][version](int(threads), int(times), *path)
    seconds = time.perf_counter() - start
    print(seconds if got is None else f"{seconds} {got}")


main(*sys.argv[1:])
