"""The exchange's rules: pure functions on integers, one module a rule, one spec page a module."""
