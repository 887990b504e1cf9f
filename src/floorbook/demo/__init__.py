"""The exchange on real history: an oracle plays back the recorded market and bots trade against each other.

World      engine, sequencer, feed and bots; one market minute at a time
Tally      what is counted from the events, and the conservation of money after every command
Recorder   samples for the report
headless   a whole run as fast as it goes, with a progress bar and one JSON line
live       the world on the wall clock, for visitors
"""

from floorbook.demo.headless import run_headless
from floorbook.demo.live import LiveWorld
from floorbook.demo.settings import Settings
from floorbook.demo.world import World

__all__ = ["LiveWorld", "Settings", "World", "run_headless"]
