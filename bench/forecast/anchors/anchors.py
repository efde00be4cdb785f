"""Forecasts of other people's models for the bench `forecast`: the same origins, the same horizon, nothing known earlier.

Usage: anchors.py JOB.json. The job names a model and parts; a part is a file of counts (float64, function after function)
whose functions share their bins. For each part the forecasts are written beside it (float32, functions x origins x steps),
and one line of JSON is printed at the end: CPU seconds of all parts together, and by how much the memory grew at most.
"""

import json
import os
import resource
import sys
import time
import warnings
from dataclasses import dataclass

# The bench runs one model on each core.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np  # noqa: E402

warnings.filterwarnings("ignore")


@dataclass(frozen=True)
class Problem:
    """Functions to forecast. `counts[:, :train_end]` may be fitted to; at an origin all bins before it are known."""

    counts: np.ndarray
    train_end: int
    origins: np.ndarray
    steps: int
    bin_minutes: int
    # Minutes since Monday, midnight, of the first bin.
    first_minute: int


def read_problem(job: dict, part: dict) -> Problem:
    counts = np.fromfile(part["counts"], dtype="<f8").reshape(part["functions"], -1)
    origins = np.arange(part["trainEnd"], counts.shape[1] - job["steps"] + 1, job["steps"])
    return Problem(counts, part["trainEnd"], origins, job["steps"], job["binMinutes"], part["firstMinute"])


def forecaster(name: str):
    """A function from a problem to its forecasts, by the model's name in the job."""
    if name.startswith("lightgbm-"):
        from global_trees import forecast_with_trees

        return lambda problem: forecast_with_trees(problem, name.removeprefix("lightgbm-"))
    from local_models import forecast_one_by_one

    return lambda problem: forecast_one_by_one(problem, name)


def peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    with open(sys.argv[1], encoding="utf8") as file:
        job = json.load(file)
    forecast = forecaster(job["model"])
    memory, cpu = peak_bytes(), time.process_time()
    for part in job["parts"]:
        problem = read_problem(job, part)
        values = np.nan_to_num(forecast(problem), nan=0.0, posinf=0.0, neginf=0.0)
        np.clip(values, 0, None).astype("<f4").tofile(part["forecasts"])
    print(json.dumps({"cpuSeconds": time.process_time() - cpu, "peakBytes": peak_bytes() - memory}))


if __name__ == "__main__":
    main()
