"""The exchange on real history: an oracle plays back the recorded market and bots trade against each other.

World      engine, sequencer, feed and bots; one market minute at a time
Tally      what is counted from the events, and the conservation of money after every command
Recorder   samples for the report
headless   a whole run as fast as it goes, with a progress bar and one JSON line
live       the run at a speed factor, with a table that moves
"""

from floorbook.demo.headless import run_headless
from floorbook.demo.live import run_live
from floorbook.demo.settings import Settings
from floorbook.demo.world import CommandCodec, World

__all__ = ["CommandCodec", "Settings", "World", "run_headless", "run_live"]
