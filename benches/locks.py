"""One increment under a lock, alone and contended.

Each number is the time that passes for each operation, over all threads."""

import threading

from report import quick, report, seconds

TIMES = 40_000 if quick else 400_000
count = 0


def each(threads, work):
    """Seconds for each of the operations that the threads do at once."""
    workers = [threading.Thread(target=work, args=(TIMES // threads,)) for _ in range(threads)]

    def all_at_once():
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    return seconds(all_at_once) / TIMES


def main():
    global count
    lock = threading.Lock()
    sums = []

    def locked(times):
        global count
        for _ in range(times):
            with lock:
                count += 1

    def summed(times):
        mine = 0
        for _ in range(times):
            mine += 1
        sums.append(mine)

    for threads in (1, 2, 4):
        count = 0
        report(f"mutex-{threads}", each(threads, locked), "s")
        assert count == TIMES
    report("sums-2", each(2, summed), "s")
    assert sum(sums) == TIMES


main()
