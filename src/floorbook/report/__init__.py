"""The report of a run: one self-contained page with its figures and plots."""

from floorbook.report.page import render
from floorbook.report.series import MarketSeries, Moment, Series

__all__ = ["MarketSeries", "Moment", "Series", "render"]
