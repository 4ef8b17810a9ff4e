"""Four threads on one counter, and four threads on one file: without a lock, and with each repair.

Without a lock, `count += 1` by itself happens to lose nothing on a CPython since 3.10 that has the GIL;
read, call, write is the race that always was there."""

import os
import queue
import tempfile
import threading

from report import quick, report, seconds

THREADS = 4
INCREMENTS = 100_000 if quick else 500_000
LINES = 500 if quick else 10_000
PIECES = 8


def together(work):
    """How long the threads take that begin together, so that none is done before the last has begun."""
    begin = threading.Barrier(THREADS + 1)

    def begin_and(number):
        begin.wait()
        work(number)

    threads = [threading.Thread(target=begin_and, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()

    def run():
        begin.wait()
        for thread in threads:
            thread.join()

    return seconds(run)


def plus_one(number):
    return number + 1


count = 0
lock = threading.Lock()


def unlocked(_):
    global count
    for _ in range(INCREMENTS):
        count = plus_one(count)


def locked(_):
    global count
    for _ in range(INCREMENTS):
        with lock:
            count = plus_one(count)


def summed(_):
    global count
    mine = 0
    for _ in range(INCREMENTS):
        mine = plus_one(mine)
    with lock:
        count += mine


def counter():
    global count
    total = THREADS * INCREMENTS
    for key, work in (("unlocked", unlocked), ("mutex", locked), ("sums", summed)):
        count = 0
        took = together(work)
        if key == "unlocked":
            report("counter-lost", 100 * (total - count) / total, "%")
        else:
            assert count == total, key
        report(f"counter-{key}", took / total, "s")


def piece(number):
    """A thread writes its letter, many times. A line of two letters is torn."""
    return b"abcd"[number : number + 1] * 8


def line(number):
    return piece(number) * PIECES + b"\n"


def write_in_pieces(log, number):
    text = piece(number)
    for _ in range(PIECES):
        log.write(text)
    log.write(b"\n")


def torn(path):
    """Of 100 lines that were written, how many are not there as they were written."""
    whole = {line(number) for number in range(THREADS)}
    with open(path, "rb") as log:
        found = sum(text in whole for text in log)
    return 100 * (THREADS * LINES - found) / (THREADS * LINES)


def file(path):
    total = THREADS * LINES

    def measure(key, work, repaired=True):
        nonlocal log
        with open(path, "wb"):
            pass
        with open(path, "ab", buffering=0) as log:
            took = work()
        if repaired:
            assert torn(path) == 0, key
        else:
            report("file-torn", torn(path), "%")
        report(f"file-{key}", took / total, "s")

    log = None

    def unlocked(number):
        for _ in range(LINES):
            write_in_pieces(log, number)

    def locked(number):
        for _ in range(LINES):
            with lock:
                write_in_pieces(log, number)

    def append(number):
        text = line(number)
        for _ in range(LINES):
            log.write(text)

    def writer():
        lines = queue.SimpleQueue()

        def write():
            with open(path, "ab") as buffered:
                while (text := lines.get()) is not None:
                    buffered.write(text)

        def send(number):
            for _ in range(LINES):
                lines.put(line(number))

        def run():
            thread = threading.Thread(target=write)
            thread.start()
            together(send)
            lines.put(None)
            thread.join()

        return seconds(run)

    measure("unlocked", lambda: together(unlocked), repaired=False)
    measure("lock", lambda: together(locked))
    measure("append", lambda: together(append))
    measure("channel", writer)


counter()
with tempfile.TemporaryDirectory() as folder:
    file(os.path.join(folder, "race.log"))
