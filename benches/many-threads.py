"""10 to 10,000 threads that wait: how long until all of them run, and what each of them takes.

The memory is what Linux says of the process in /proc/self/status. It leaves out what the kernel itself
keeps for each thread. Elsewhere only the time is measured."""

import threading
import time

from report import quick, report


def memory():
    """Bytes of memory and of address space."""
    try:
        with open("/proc/self/status") as file:
            lines = dict(line.split(":", 1) for line in file)
    except OSError:
        return None
    return tuple(int(lines[name].split()[0]) * 1024 for name in ("VmRSS", "VmSize"))


class Gate:
    """How many threads run, and whether they may end. Who arrives wakes nobody but the one who counts, and
    who leaves wakes one that may leave next: a crowd of threads must not wake up for one lock."""

    def __init__(self):
        lock = threading.Lock()
        self.arrived = threading.Condition(lock)
        self.opened = threading.Condition(lock)
        self.running = 0
        self.is_open = False

    def wait(self):
        with self.opened:
            self.running += 1
            self.arrived.notify()
            while not self.is_open:
                self.opened.wait()
            self.opened.notify()

    def wait_for(self, count):
        with self.arrived:
            while self.running < count:
                self.arrived.wait()

    def open(self):
        with self.opened:
            self.is_open = True
            self.opened.notify()


before = memory()
for count in (10, 100, 1_000) if quick else (10, 100, 1_000, 10_000):
    gate = Gate()
    threads = []
    start = time.perf_counter()
    try:
        for _ in range(count):
            thread = threading.Thread(target=gate.wait)
            thread.start()
            threads.append(thread)
    except RuntimeError:  # the computer may not have that many to give
        gate.open()
        break
    gate.wait_for(count)
    report(f"start-{count}", time.perf_counter() - start, "s")
    now = memory()
    if before and now:
        report(f"resident-{count}", (now[0] - before[0]) / count, "B")
        report(f"virtual-{count}", (now[1] - before[1]) / count, "B")
    gate.open()
    for thread in threads:
        thread.join()
