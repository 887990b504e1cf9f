"""The state machine: `Engine.apply(seq, at, command) -> events`, a module for each family of commands."""

from floorbook.core.engine.engine import Engine

__all__ = ["Engine"]
