"""What the programs in this folder have in common: how they are told to be quick, and how they say
what they measured, one JSON object a line."""

import json
import sys
import time

quick = "--quick" in sys.argv


def seconds(something):
    """How long something takes, in seconds."""
    start = time.perf_counter()
    something()
    return time.perf_counter() - start


def report(key, value, unit):
    """Says a value."""
    print(json.dumps({"key": key, "value": value, "unit": unit}), flush=True)
