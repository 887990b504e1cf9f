"""The chain: custody by contracts, the exchange's roots, and what carries between the two.

rpc           questions to a node, blocking or on an event loop
abi           what the contracts are called with, and what they say
transactions  a wallet: signs, numbers, prices and repeats transactions
anvil         a chain of one's own, for the demo and for tests
deployment    the contracts of an exchange, and where they are
"""
