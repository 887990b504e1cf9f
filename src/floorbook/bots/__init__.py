"""Seeded traders: each decides every market minute, and the same seed gives the same commands.

    Population   the bots of a world and their money
    View         what a bot may see: prices, its own positions, orders and margin
    Trader       an owner's hand: signed commands with rising nonces

A bot draws from its own `random.Random`, seeded by (seed, kind, number), and uses only its integer and
uniform draws: they give the same numbers on any machine.
"""

from floorbook.bots.population import Bot, Population
from floorbook.bots.trader import Trader
from floorbook.bots.view import MarketView, View

__all__ = ["Bot", "MarketView", "Population", "Trader", "View"]
