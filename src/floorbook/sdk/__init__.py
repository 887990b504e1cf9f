"""The client of an exchange: `Client` blocks, `AsyncClient` awaits, both do the same.  Guide: docs/sdk.md"""
