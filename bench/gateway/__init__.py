"""The gateway against bare servers, in one run: `python -m bench.gateway`, or `make bench-gateway`."""
