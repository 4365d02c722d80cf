"""A backtest as one HTML page that stands alone: no script, no font, no picture from anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

from routine_harness.backtest.charts import HEIGHT, WEEKDAYS, WIDTH, clauses_of, heat_of, series_of
from routine_harness.backtest.forecast import Forecast
from routine_harness.backtest.result import Backtest, rates
from routine_harness.backtest.terminal import clock


def render_page(backtest: Backtest, forecasts: Sequence[Forecast] = ()) -> str:
    """The page's text."""
    # Imported here: only the page needs a template engine.
    from jinja2 import Environment

    source = resources.files("routine_harness.backtest").joinpath("page.html.j2").read_text("utf-8")
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["clock"] = clock
    environment.filters["thousands"] = lambda number: f"{number:,}"
    routines = [
        {
            "it": routine,
            "series": series_of(routine, backtest),
            "heat": heat_of(routine),
            "clauses": list(clauses_of(routine)),
            "hour": rates(routine.hours),
            "day": rates(routine.days),
            "week": rates(routine.weeks, 7),
        }
        for routine in backtest.routines
    ]
    return environment.from_string(source).render(
        backtest=backtest,
        routines=routines,
        forecasts=forecasts,
        width=WIDTH,
        height=HEIGHT,
        weekdays=WEEKDAYS,
    )
