"""Traces: scenarios as text.  People write commands, the machine writes the indented events below each.

    # A comment.  The first ones say what the trace shows.
    PlaceOrder account=taker side=buy lots=100 price=30.5
        OrderPlaced account=taker market=PUNKS order=#1 side=buy price=30.5 lots=100

A command is a name of `core/commands.py` and its fields.  Accounts and markets go by name, prices and
amounts are decimals, times are relative to now (`expires=+30s`), `rate` and parameters may be written as
`5%`, `10s`, `100ETH`; `#7` is a number as it is, and of an order the seventh one placed.  What is left out
is filled in: market PUNKS, asset ETH, the owner as the signer, an unused nonce (`nonce=same` repeats the
last, `nonce=-3d` is that old), the next sequence and now for reports.  Times in events count from the start.

Beside the commands there are
    Setup index=30 insurance=100 maker=100 taker=100
        operator, market PUNKS (template nft) with that insurance [ETH] and index, open and priced, and for
        each other word an account with that cash [ETH]; its events are left out
    @ +30s
        time goes on, nothing happens
    Index price=28
        PublishVenue of venue 0, both sides the same, and a Tick
    Jump price=28 after=20m
        `Index`, that long no tick, and `Index` again: the limited index goes its way in one step
    Run for=1h every=1m [silent=PUNKS,USDC] [quiet=yes]
        time goes on in steps; at each every source repeats its last report (but for the silent markets and
        assets) and a Tick follows; events carry the time; quiet leaves out the indices and marks on the way
    Quote account=maker bid=29.9 ask=30.1 lots=100
        two post-only orders
    Trade buyer=taker seller=maker lots=100 price=30
        the seller's post-only order, the buyer's immediate one
    Collateral [tier=blue supply=10000 group=0 ...] [floor=30 ...]
        five reporters, if there are none, collection PUNKS, and a first `Report`; its events are left out
    Report floor=30 [bids=30,29,28,27,26] [sales=700] [sigma=5%] [count=5] [collection=PUNKS] [tick=no]
        so many reporters say this of the collection, and a Tick; `Run` repeats it unless `reports` are silent
    Appraise token=7 p10=31 [evidence=-1d] [count=5]
        so many reporters say this of a token; the last sale with a shared trait was at `evidence`
    Price instrument=0 price=25 [count=5]
        so many reporters say what a whole of an instrument is traded at; `Run` repeats it like a report
    Show account=taker, Show market=PUNKS, Show token=7 [account=taker], Show vault=lending,
    Show instrument=0 account=taker
        what is there now
An index or a mark that repeats the last is not written.
"""

from collections.abc import Iterator
from pathlib import Path

from floorbook.core.commands import AnyCommand, PublishAsset, PublishVenue
from floorbook.core.events import AccountOpened, Event, IndexUpdated, MarkUpdated, Rejected
from tests.traces.reading import COMMANDS, Reader, Words, decimal, span
from tests.traces.world import World
from tests.traces.writing import Writer, account_name, moment

INDENT = "    "
REPORTERS = tuple(f"reporter-{number}" for number in range(5))
REPORT = ("floor", "bids", "sales", "sigma")
SETUP = ("index", "insurance", "template")


def run(text: str) -> str:
    """Return the trace with the events that its commands have now; asserts the invariants on the way."""
    trace = Trace()
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith(INDENT):
            continue
        lines.append(line)
        if line and not line.startswith("#"):
            lines += [INDENT + event for event in trace.line(line)]
    trace.world.assert_it_replays()
    return "\n".join(lines) + "\n"


def traces() -> list[Path]:
    """Return the trace files."""
    return sorted(Path(__file__).parent.glob("*.trace"))


class Trace:
    """Executes lines."""

    def __init__(self, dump_every: int = 1) -> None:
        self.world = World(dump_every)
        self.reader = Reader(self.world)
        self.writer = Writer(self.world, self.reader)
        self.reports: dict[tuple[str, int], tuple[str, Words]] = {}  # by source, what it said last
        self.said: dict[str, Words] = {}  # by collection, the reporters' last
        self.prices: dict[str, Words] = {}  # by instrument, the reporters' last

    def line(self, line: str) -> list[str]:
        """Execute a line and return the lines of its events."""
        name, *rest = line.split()
        if name == "@":
            self.world.now += span(rest[0])
            return []
        words = dict(word.split("=", 1) for word in rest)
        if name in COMMANDS:
            return self.writer.lines(self.command(name, words))
        return {
            "Setup": self.setup, "Index": self.index, "Jump": self.jump, "Run": self.run,
            "Quote": self.quote, "Trade": self.trade, "Show": self.show,
            "Collateral": self.collateral, "Report": self.report, "Appraise": self.appraise,
            "Price": self.price,
        }[name](words)  # fmt: skip

    def command(self, name: str, words: Words) -> list[Event]:
        """Execute a command; accounts that open get the names of their owners."""
        said = dict(words)
        command: AnyCommand = self.reader.command(name, words)
        if isinstance(command, PublishVenue):
            self.reports[words["market"], command.venue] = name, said
        if isinstance(command, PublishAsset):
            self.reports[words["asset"], 0] = name, said
        events = self.world.apply(command)
        for event in events:
            if isinstance(event, AccountOpened):
                self.reader.accounts[account_name(self.world.state, event.account)] = event.account
        return events

    def setup(self, words: Words) -> list[str]:
        """The standard exchange."""
        self.command("Genesis", {"operator": "operator", "seed": "trace"})
        self.command("ListMarket", {"market": "PUNKS", "template": words.get("template", "nft")})
        self.command("SetStatus", {"action": "open"})
        if "insurance" in words:
            self.command("Deposit", {"account": "insurance:PUNKS", "amount": words["insurance"]})
        for name, cash in words.items():
            if name not in SETUP:
                self.command("OpenAccount", {"owner": name})
                self.command("Deposit", {"account": name, "amount": cash})
        written = self.index({"price": words.get("index", "30")})
        assert not any("Rejected" in line for line in written)
        return []

    def index(self, words: Words) -> list[str]:
        price = words.pop("price")
        said = {"market": "PUNKS", "venue": "0", "floor": price, "top_bid": price} | words
        lines = self.writer.lines(self.command("PublishVenue", said))
        return lines + self.writer.lines(self.command("Tick", {}))

    def jump(self, words: Words) -> list[str]:
        after = span(words.pop("after"))
        lines = self.index(dict(words))
        self.world.now += after
        return lines + self.index(words)

    def run(self, words: Words) -> list[str]:
        silent = words.get("silent", "").split(",")
        lines: list[str] = []
        for step in _steps(span(words["for"]), span(words["every"])):
            self.world.now += step
            for (source, _), (name, said) in list(self.reports.items()):
                if source not in silent:
                    lines += self.writer.lines(self.command(name, dict(said)))
            if "reports" not in silent:
                for said in self.said.values():
                    self.say(dict(said))
                for said in list(self.prices.values()):
                    self.price(dict(said))
            events = self.command("Tick", {})
            if "quiet" in words:
                events = [event for event in events if not isinstance(event, IndexUpdated | MarkUpdated)]
            written = self.writer.lines(events)
            lines += [f"{moment(self.world.now)} {line}" for line in written]
        return lines

    def quote(self, words: Words) -> list[str]:
        events: list[Event] = []
        bid, ask = words.pop("bid"), words.pop("ask")
        for side, price in (("buy", bid), ("sell", ask)):
            order = {"side": side, "price": price, "tif": "POST_ONLY"}
            events += self.command("PlaceOrder", words | order)
        return self.writer.lines(events)

    def trade(self, words: Words) -> list[str]:
        buyer, seller = words.pop("buyer"), words.pop("seller")
        events = self.command("PlaceOrder", words | {"account": seller, "side": "sell", "tif": "POST_ONLY"})
        events += self.command("PlaceOrder", words | {"account": buyer, "side": "buy", "tif": "IOC"})
        return self.writer.lines(events)

    def collateral(self, words: Words) -> list[str]:
        """A collection, priced."""
        if not self.world.state.reporters.addresses:
            self.command("SetReporters", {"reporters": ",".join(REPORTERS), "quorum": "3"})
        said = {key: words.pop(key) for key in REPORT if key in words}
        events = self.command("ListCollection", words)
        assert not any(isinstance(event, Rejected) for event in events)
        self.report(said | {"collection": words.get("name", "PUNKS")})
        return []

    def report(self, words: Words) -> list[str]:
        said = {key: words[key] for key in (*REPORT, "collection", "count") if key in words}
        self.said[said.get("collection", "PUNKS")] = said
        lines = self.say(dict(said))
        return lines if words.get("tick") == "no" else lines + self.writer.lines(self.command("Tick", {}))

    def say(self, words: Words) -> list[str]:
        """Let the reporters say an index; bids above the floor are cut to it."""
        floor = decimal(words.get("floor", "30"), 9)
        bids = [min(floor, decimal(bid, 9)) for bid in words.get("bids", "30,29,28,27,26").split(",")]
        sales, sigma = int(words.get("sales", "700")), decimal(words.get("sigma", "5%")[:-1], 7)
        values = ",".join(map(str, (floor, *bids, sales, sigma)))
        return self._each_says(words, {"values": values})

    def appraise(self, words: Words) -> list[str]:
        low, evidence = decimal(words["p10"], 9), words.get("evidence", "0s")
        values = ",".join(map(str, (low, low, low, self.world.now + span(evidence))))
        return self._each_says(words, {"values": values, "kind": "1", "token": words["token"]})

    def price(self, words: Words) -> list[str]:
        """Let the reporters price an instrument."""
        self.prices[words["instrument"]] = dict(words)
        said = {"kind": "2", "values": str(decimal(words["price"], 9))}
        return self._each_says({"collection": f"#{words['instrument']}"} | words, said)

    def _each_says(self, words: Words, said: Words) -> list[str]:
        number = str(self.world.number())
        said = said | {"collection": words.get("collection", "PUNKS"), "round": number}
        events: list[Event] = []
        for reporter in REPORTERS[: int(words.get("count", "5"))]:
            events = self.command("PublishReport", said | {"reporter": reporter})
        return self.writer.lines(events)[-1:]

    def show(self, words: Words) -> list[str]:
        if "token" in words:
            return self.writer.token(words)
        if "instrument" in words:
            return self.writer.units(words)
        if "vault" in words:
            return self.writer.vault(words["vault"])
        if "account" in words:
            return self.writer.account(words["account"])
        return self.writer.market(words["market"])


def _steps(total: int, step: int) -> Iterator[int]:
    while total > 0:
        yield min(step, total)
        total -= step
