"""The laboratory: market paths as data, and rule sets run side by side on them."""
