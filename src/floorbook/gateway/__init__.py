"""The exchange's door: HTTP and WebSocket in Hyperliquid's shapes, with additions of our own.

exchange     the engine behind its sequencer, on the event loop
coins        how markets and assets are called on the wire
accounts     which account an address means, and whose agent a key is
numbers      decimal strings to ticks, lots and atoms, and back

Spec: docs/api.md
"""
