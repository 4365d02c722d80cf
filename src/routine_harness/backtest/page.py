"""A backtest as one HTML page that stands alone: no script, no font, no picture from anywhere."""

from __future__ import annotations

from importlib import resources

from routine_harness.backtest.charts import HEIGHT, WEEKDAYS, WIDTH, clauses_of, heat_of, series_of
from routine_harness.backtest.forecast import NoiseForecast
from routine_harness.backtest.result import Backtest
from routine_harness.backtest.terminal import a_unit, clock, counts_shown, pair
from routine_harness.verdict.words import counted


def render_page(backtest: Backtest, noise: NoiseForecast) -> str:
    """The page's text."""
    # Imported here: only the page needs a template engine.
    from jinja2 import Environment

    source = resources.files("routine_harness.backtest").joinpath("page.html.j2").read_text("utf-8")
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"clock": clock, "counted": counted, "thousands": "{:,}".format}
    shown = counts_shown(backtest)
    routines = [
        {
            "it": routine,
            "series": series_of(routine, backtest),
            "heat": heat_of(routine),
            "clauses": list(clauses_of(routine)),
            "frequencies": [
                pair(each.mean, each.most)
                for each in (backtest.per(unit, routine) for unit in backtest.units)
            ],
            "counts": [getattr(routine, name) for name in shown],
        }
        for routine in backtest.routines
    ]
    return environment.from_string(source).render(
        backtest=backtest,
        routines=routines,
        shown=shown,
        noise=noise,
        units=[a_unit(unit) for unit in backtest.units],
        width=WIDTH,
        height=HEIGHT,
        weekdays=WEEKDAYS,
    )
