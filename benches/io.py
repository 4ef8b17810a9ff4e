"""Ten tasks that wait, one after another and in ten threads."""

import threading
import time

from report import quick, report, seconds


def sequential(wait):
    for _ in range(10):
        time.sleep(wait)


def threaded(wait):
    threads = [threading.Thread(target=time.sleep, args=(wait,)) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


for name in ("1.5", "1"):
    wait = float(name) / (10 if quick else 1)
    report(f"sequential-{name}", seconds(lambda: sequential(wait)), "s")
    report(f"threads-{name}", seconds(lambda: threaded(wait)), "s")
