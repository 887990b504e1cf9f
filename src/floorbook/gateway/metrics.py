"""What Prometheus may know of a running exchange: /metrics.

Counters are raised where things happen; gauges are read from the exchange when somebody asks.
"""

from collections import Counter as Tally
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from floorbook.core.events import OrderFilled, Rejected
from floorbook.core.reasons import Reject
from floorbook.gateway.exchange import Exchange, Group
from floorbook.journal.machine import Applied
from floorbook.units import SECOND_NS

PATHS = ("/info", "/exchange", "/rpc", "/health", "/metrics", "/openapi.json", "/asyncapi.json")


class Metrics:
    """The counters of one gateway."""

    def __init__(self, exchange: Exchange) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "floorbook_http_requests", "Requests answered.", ["path", "status"], registry=self._registry
        )
        self._refused = Counter(
            "floorbook_http_refused",
            "Requests refused before any route.",
            ["status"],
            registry=self._registry,
        )
        self._registry.register(_Exchange(exchange))

    def answered(self, path: str, status: int) -> None:
        """Count an answer; paths that are none of ours count together, as the page's files do."""
        self._requests.labels(path if path in PATHS else "page", str(status)).inc()

    def refused(self, status: int) -> None:
        """Count a request that no route saw."""
        self._refused.labels(str(status)).inc()

    def page(self) -> bytes:
        """Return the metrics in Prometheus' text format."""
        page: bytes = generate_latest(self._registry)
        return page


class _Exchange:
    """Reads the exchange when asked; what passed through it was counted group by group."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._commands: Tally[str] = Tally()
        self._rejections: Tally[str] = Tally()
        self._groups = self._fills = 0
        exchange.subscribe(self._follow)

    def _follow(self, group: Group) -> None:
        self._groups += 1
        for item in group:
            if isinstance(item, Applied):
                self._commands[type(item.command).__name__] += 1
                for event in item.events:
                    if isinstance(event, OrderFilled):
                        self._fills += 1
                    elif isinstance(event, Rejected):
                        self._rejections[Reject(event.reason).name] += 1

    def collect(self) -> Iterator[Metric]:
        """Yield what is true now."""
        state = self._exchange.state
        commands = CounterMetricFamily("floorbook_commands", "Durable commands since start.", labels=["type"])
        for name, count in self._commands.items():
            commands.add_metric([name], count)
        yield commands
        rejections = CounterMetricFamily("floorbook_rejections", "Refused commands.", labels=["reason"])
        for name, count in self._rejections.items():
            rejections.add_metric([name], count)
        yield rejections
        yield CounterMetricFamily("floorbook_fills", "Trades.", value=self._fills)
        yield CounterMetricFamily("floorbook_groups", "Groups made durable.", value=self._groups)
        yield GaugeMetricFamily("floorbook_seq", "Number of the last command.", value=state.seq)
        yield GaugeMetricFamily("floorbook_time_seconds", "The exchange's time.", value=state.now / SECOND_NS)
        yield GaugeMetricFamily("floorbook_accounts", "Accounts, all.", value=len(state.owner_of))
        yield GaugeMetricFamily("floorbook_liquidations", "Running now.", value=len(state.liquidations))
        yield GaugeMetricFamily("floorbook_auctions", "Running now.", value=len(state.auctions))
        yield GaugeMetricFamily(
            "floorbook_up", "1 while the exchange answers.", value=int(self._exchange.fault is None)
        )
