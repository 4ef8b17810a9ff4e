"""The squares of some numbers, and a search for primes: in a loop, and in each kind of executor."""

import os
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

from report import quick, report, seconds


def square(number):
    return number * number


def primes(below):
    """How many primes there are below a number."""
    count = 0
    for number in range(2, below):
        divisor = 2
        while divisor * divisor <= number and number % divisor:
            divisor += 1
        count += divisor * divisor > number
    return count


def compare(name, numbers, call):
    expected = [call(number) for number in numbers]
    took = seconds(lambda: list(map(call, numbers)))
    report(f"{name}-loop", took / len(numbers), "s")
    for key, executor in (("pool", ThreadPoolExecutor), ("processes", ProcessPoolExecutor)):
        with executor(os.cpu_count()) as pool:
            list(pool.map(call, numbers[:8]))  # the workers start with the first jobs
            took = seconds(lambda: list(pool.map(call, numbers)))
            report(f"{name}-{key}", took / len(numbers), "s")
            assert list(pool.map(call, numbers[:8])) == expected[:8]


if __name__ == "__main__":
    compare("squares", range(1_000 if quick else 10_000), square)
    compare("primes", [2_000 if quick else 5_000] * (16 if quick else 64), primes)
