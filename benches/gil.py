"""The loop of 10,000,000 steps, in each of one, two and four threads, and in two processes;
and hashing, for which CPython releases the GIL."""

import hashlib
import multiprocessing
import threading

from report import quick, report, seconds

STEPS = 1_000_000 if quick else 10_000_000
DATA = bytes(64 << 20)


def count(steps):
    for _ in range(steps):
        pass


def digest():
    hashlib.sha256(DATA)


def all_at_once(workers):
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def main():
    count(STEPS // 10)
    for n in (1, 2, 4):
        threads = [threading.Thread(target=count, args=(STEPS,)) for _ in range(n)]
        report(f"threads-{n}", seconds(lambda: all_at_once(threads)), "s")
    processes = [multiprocessing.Process(target=count, args=(STEPS,)) for _ in range(2)]
    report("processes-2", seconds(lambda: all_at_once(processes)), "s")
    for n in (1, 2):
        threads = [threading.Thread(target=digest) for _ in range(n)]
        report(f"hash-{n}", seconds(lambda: all_at_once(threads)), "s")


if __name__ == "__main__":
    main()
