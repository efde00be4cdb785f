"""LightGBM over all functions of a problem: one model for every function and step, direct, on values relative to each
function's last hour, so that what is learned of one holds for another."""

import lightgbm
import numpy as np

DAY_MINUTES = 1_440
LAG_MINUTES = (1, 2, 3, 5, 10, 15, 30, 60)
MEAN_MINUTES = (5, 15, 60, 240, 1_440)
# Periods whose value at the same place of the period is shown.
SEASON_MINUTES = (60, 120, 180, DAY_MINUTES, 7 * DAY_MINUTES)
# Bins to both sides that count as the same time of day.
SEASON_WIDTH = 2
CLOCK_MINUTES = (5, 10, 15, 30, 60)
# A function without requests still has a scale.
SMALLEST_SCALE = 0.1
TRAINING_ROWS = 225_000
FEWEST_ORIGINS, MOST_ORIGINS = 100, 2_000
ROUNDS = 250


def forecast_with_trees(problem, loss: str) -> np.ndarray:
    """Functions x origins x steps. `loss` is l1 (a median) or l2 (a mean)."""
    values, targets, scales = training_rows(problem)
    parameters = {
        "objective": loss,
        "learning_rate": 0.05,
        "num_leaves": 63,
        "min_data_in_leaf": 50,
        "bagging_fraction": 0.7,
        "bagging_freq": 1,
        "feature_fraction": 0.8,
        "num_threads": 1,
        "seed": 0,
        "deterministic": True,
        "verbosity": -1,
    }
    # Weighed by scale the loss is that of requests, not of shares.
    data = lightgbm.Dataset(values, targets / scales, weight=scales)
    model = lightgbm.train(parameters, data, ROUNDS)
    return np.stack([ahead(model, problem, origin) for origin in problem.origins], axis=1)


def ahead(model, problem, origin: int) -> np.ndarray:
    values, scales = features(problem, problem.counts[:, :origin])
    return (model.predict(values) * scales).reshape(len(problem.counts), problem.steps)


def training_rows(problem):
    """Features, targets and scales at origins spread evenly over what lies before the test part."""
    functions, steps = len(problem.counts), problem.steps
    first = max(bins(60, problem), min(bins(DAY_MINUTES, problem), problem.train_end // 3))
    last = problem.train_end - steps
    wanted = int(np.clip(TRAINING_ROWS // (functions * steps), FEWEST_ORIGINS, MOST_ORIGINS))
    rows, targets, scales = [], [], []
    for origin in range(first, last, max(1, (last - first) // wanted)):
        values, scale = features(problem, problem.counts[:, :origin])
        rows.append(values)
        scales.append(scale)
        targets.append(problem.counts[:, origin : origin + steps].ravel())
    return np.concatenate(rows), np.concatenate(targets), np.concatenate(scales)


def features(problem, known: np.ndarray):
    """What is known of each function at the end of `known`, a row for each function and step, and the scale of each row."""
    functions, origin = known.shape
    hour = known[:, -bins(60, problem) :]
    scale = hour.mean(axis=1) + SMALLEST_SCALE
    lags = sorted({bins(minutes, problem) for minutes in LAG_MINUTES})
    relative = [known[:, -lag] for lag in lags]
    relative += [known[:, -bins(minutes, problem) :].mean(axis=1) for minutes in MEAN_MINUTES]
    relative += [hour.std(axis=1), hour.max(axis=1)]
    plain = [(hour == 0).mean(axis=1), since_last(known[:, -bins(DAY_MINUTES, problem) :]), np.log(scale)]
    at_origin = np.column_stack([np.stack(relative, 1) / scale[:, None], np.stack(plain, 1)])
    each_step = [
        np.column_stack(
            [at_origin, seasons(problem, known, step) / scale[:, None], calendar(problem, origin, step, functions)]
        )
        for step in range(problem.steps)
    ]
    rows = np.stack(each_step, axis=1)
    return rows.reshape(functions * problem.steps, -1), np.repeat(scale, problem.steps)


def seasons(problem, known: np.ndarray, step: int) -> np.ndarray:
    """Counts at the target's place in earlier periods; not a number where there was none yet."""
    functions, origin = known.shape
    target = origin + step
    columns = []
    for minutes in SEASON_MINUTES:
        at = target - bins(minutes, problem)
        columns.append(known[:, at] if 0 <= at < origin else np.full(functions, np.nan))
    day_ago = target - bins(DAY_MINUTES, problem)
    around = known[:, max(0, day_ago - SEASON_WIDTH) : day_ago + SEASON_WIDTH + 1] if day_ago >= 0 else known[:, :0]
    columns.append(around.mean(axis=1) if around.shape[1] > 0 else np.full(functions, np.nan))
    return np.stack(columns, 1)


def calendar(problem, origin: int, step: int, functions: int) -> np.ndarray:
    minute = problem.first_minute + (origin + step) * problem.bin_minutes
    row = [wave(2 * np.pi * minute / period) for period in (DAY_MINUTES, 60) for wave in (np.sin, np.cos)]
    row += [minute % period for period in CLOCK_MINUTES]
    row += [minute // DAY_MINUTES % 7, step]
    return np.tile(row, (functions, 1))


def since_last(known: np.ndarray) -> np.ndarray:
    """Bins since the last one with a request, as many as there are where none had one."""
    active = known[:, ::-1] > 0
    return np.where(active.any(axis=1), active.argmax(axis=1), known.shape[1])


def bins(minutes: int, problem) -> int:
    return max(1, minutes // problem.bin_minutes)
