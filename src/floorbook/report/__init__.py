"""The report of a run: one self-contained page with its figures and plots."""

from floorbook.report.page import render
from floorbook.report.series import CollateralSeries, MarketSeries, Moment, Sale, Series

__all__ = ["CollateralSeries", "MarketSeries", "Moment", "Sale", "Series", "render"]
