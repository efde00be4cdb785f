"""Stands in for a function of the trace: takes as long as that one did, by waiting."""
import time


def handler(request):
    milliseconds = min(60_000.0, max(0.0, float(request.args.get("ms", "0"))))
    time.sleep(milliseconds / 1000)
    return {"waited": milliseconds}
