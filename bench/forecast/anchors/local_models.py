"""Models of statsforecast, fitted to each function alone: parameters from before the test part, state from all that is known."""

import numpy as np
from statsforecast.models import ARIMA, AutoARIMA, AutoETS, MSTL

# Bins before the test part that a model is fitted to.
FITTED_BINS = 2_880
# Of a seasonal decomposition: days, and how many origins later it is made anew.
SEASONAL_DAYS = 7
DAY_MINUTES = 1_440


def make_model(name: str, day: int):
    models = {
        "arima-212": lambda: ARIMA(order=(2, 1, 2)),
        "autoarima": lambda: AutoARIMA(season_length=1, max_p=3, max_q=3),
        "autoets": lambda: AutoETS(season_length=1, model="ZZN"),
        "mstl": lambda: MSTL(season_length=day, trend_forecaster=AutoETS(model="ZZN")),
    }
    return models[name]()


def forecast_one_by_one(problem, name: str) -> np.ndarray:
    """Functions x origins x steps."""
    forecast = forecast_by_day if name == "mstl" else forecast_with_state
    return np.stack([forecast(problem, name, counts) for counts in problem.counts])


def forecast_with_state(problem, name: str, counts: np.ndarray) -> np.ndarray:
    begin = max(0, problem.train_end - FITTED_BINS)
    model = make_model(name, DAY_MINUTES // problem.bin_minutes)
    try:
        model.fit(counts[begin : problem.train_end])
    except Exception:
        model = None
    values = np.stack([ahead(model, counts[begin:origin], problem.steps) for origin in problem.origins])
    # An ARIMA that is near a unit root runs away at times; no more is believed than came before.
    return np.minimum(values, counts[: problem.train_end].max())


def ahead(model, known: np.ndarray, steps: int) -> np.ndarray:
    """What was last goes on where the model cannot be fitted or says what is no number."""
    try:
        values = model.forward(known, steps)["mean"]
    except Exception:
        values = np.full(steps, np.nan)
    return np.where(np.isfinite(values), values, known[-1])


def forecast_by_day(problem, name: str, counts: np.ndarray) -> np.ndarray:
    """A decomposition has no cheap step forward: made anew each day, it forecasts the whole day."""
    day = DAY_MINUTES // problem.bin_minutes
    rows = []
    for origin in problem.origins:
        since = (origin - problem.train_end) % day
        if since == 0:
            known = counts[max(0, origin - SEASONAL_DAYS * day) : origin]
            try:
                whole = make_model(name, day).forecast(known, day)["mean"]
            except Exception:
                whole = np.full(day, known[-1])
        rows.append(whole[since : since + problem.steps])
    return np.stack(rows)
