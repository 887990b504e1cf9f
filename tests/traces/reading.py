"""The words of a trace become commands: names, decimals and relative times are read here.

A field says how its text is read.  `#` before a number always means the number as it is:
`price=#0`, `account=#99`.
"""

import re
from collections.abc import Callable
from typing import Any

import msgspec

from floorbook.core import commands as c
from floorbook.core.state import Market
from floorbook.units import ASSET_DECIMALS, ASSET_NAMES, DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS
from tests.traces.world import OPERATOR, World

Words = dict[str, str]

TIFS = {"GTC": c.GTC, "IOC": c.IOC, "FOK": c.FOK, "POST_ONLY": c.POST_ONLY}
VAULTS = ("lending", "insurance")
SHARE_DECIMALS = 15  # a share is written as what it cost on the first day [ETH]
SPANS = {"ms": 10**6, "s": SECOND_NS, "m": MINUTE_NS, "h": HOUR_NS, "d": DAY_NS}
PRICES = {"price", "trigger_price", "floor", "top_bid"}
TIMES = {"valid_until", "expires", "until", "at", "observed", "sampled_from", "sampled_to"}
TEXTS = {"owner", "agent", "signer", "operator", "seed", "reference", "reporter", "fingerprint"}
LISTING = {
    "size_decimals": "2", "price_decimals": "4", "lots_max": "1000000", "lots_min": "1",
    "unique_owners": "3500",
}  # fmt: skip
COLLECTION = {
    "name": "PUNKS", "market": "#-1", "tier": "blue", "group": "0", "supply": "10000",
    "unique_owners": "3500",
}  # fmt: skip
COMMANDS: dict[str, type[msgspec.Struct]] = {kind.__name__: kind for kind in c.AnyCommand.__args__}


class Reader:
    """Reads commands for one world; `accounts` and `orders` are the names this trace has given."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.accounts: dict[str, int] = {}
        self.orders: list[int] = []  # in the order in which they were placed
        self.signer_nonces: dict[bytes, int] = {}

    def command(self, kind: str, words: Words) -> Any:
        """Return the command of these words; what they leave out is filled in."""
        self._fill_in(kind, words)
        if kind == "ListMarket":
            fields = self._listing(words)
        else:
            fields = {field: self.field(field, text, words) for field, text in words.items()}
        if "signer" in fields:
            fields["nonce"] = self._nonce(fields["signer"], words.get("nonce", "next"))
        return COMMANDS[kind](**fields)

    def field(self, field: str, text: str, words: Words) -> Any:
        """Return a field's value."""
        if re.fullmatch(r"#-?[0-9]+", text) and field != "order":
            return int(text[1:])
        if field in PRICES:
            is_of_market = "market" in words
            return decimal(text, self.market(words).price_decimals if is_of_market else ASSET_DECIMALS[0])
        read = _READERS.get(field)
        return read(self, text, words) if read else self.number(text, words)

    def market(self, words: Words) -> Market:
        """Return the market that the words name; PUNKS, the first one, where they name none."""
        name = words.get("market", "PUNKS")
        return next((m for m in self.world.state.markets if m.name == name), self.world.state.markets[0])

    def account(self, text: str) -> int:
        """Return an account by its owner's name; `insurance:PUNKS` is that market's fund."""
        if text.startswith("insurance:"):
            return self.world.insurance(self.market({"market": text.removeprefix("insurance:")}).id)
        return int(text[1:]) if text.startswith("#") else self.accounts[text]

    def number(self, text: str, words: Words) -> int:
        """Return a plain number, a percentage in ppb, a span of time in ns, or an amount in atoms."""
        if text.endswith("%"):
            return decimal(text[:-1], 7)
        for asset, name in enumerate(ASSET_NAMES):
            if text.endswith(name):
                return decimal(text.removesuffix(name), ASSET_DECIMALS[asset])
        return int(text) if re.fullmatch(r"-?[0-9]+", text) else span(text)

    def _fill_in(self, kind: str, words: Words) -> None:
        """Whoever owns the account signs, the operator operates, a report is new and observed now."""
        fields = COMMANDS[kind].__struct_fields__
        if "market" in fields and kind not in ("CancelAll", "ListCollection"):
            words.setdefault("market", "PUNKS")
        if issubclass(COMMANDS[kind], c.Signed):
            words.setdefault("signer", self._owner(self.account(words["account"])))
        if issubclass(COMMANDS[kind], c.Operated):
            words.setdefault("signer", OPERATOR.decode())
        if "sequence" in fields:
            words.setdefault("sequence", str(self.world.number()))
        if "observed" in fields:
            words.setdefault("observed", "now")
        if kind == "Deposit":
            words.setdefault("reference", f"deposit {self.world.number()}")
        if "asset" in fields:
            words.setdefault("asset", "ETH")
        self._fill_in_token(kind, words)

    def _fill_in_token(self, kind: str, words: Words) -> None:
        """A collection is PUNKS, a token comes as it is, a report is of the whole collection and new."""
        fields = COMMANDS[kind].__struct_fields__
        if kind == "ListCollection":
            words |= COLLECTION | words
            return
        if "collection" in fields:
            words.setdefault("collection", "PUNKS")
        if kind == "DepositToken":
            words.setdefault("reference", f"token {self.world.number()}")
        if kind == "PublishReport":
            new = {"token": "#-1", "kind": "0", "sampled_from": "now", "sampled_to": "now"}
            words |= new | {"round": str(self.world.number())} | words

    def collection(self, text: str) -> int:
        """Return a collection by its name; -1 if there is none of that name."""
        return next((each.id for each in self.world.state.collections if each.name == text), -1)

    def _owner(self, account: int) -> str:
        known = self.world.state.owner_of
        return known[account].decode() if account < len(known) else "nobody"

    def _nonce(self, signer: bytes, text: str) -> int:
        """`next` is unused, `same` the signer's last again, `-3d` that much before now."""
        if text == "same":
            return self.signer_nonces[signer]
        nonce = self.world.nonce() if text == "next" else (self.world.now + span(text)) // 10**6
        self.signer_nonces[signer] = nonce
        return nonce

    def _listing(self, words: Words) -> dict[str, Any]:
        """A market is listed with the terms of PUNKS where the words do not say otherwise."""
        fields: dict[str, Any] = {key: int(words.get(key, text)) for key, text in LISTING.items()}
        decimals = fields["price_decimals"]
        for key, value in {"price_max": "5000", "first_price": "30"}.items():
            fields[key] = decimal(words.get(key, value), decimals)
        for key, value in {"volume_30d": "5000", "floor": "30"}.items():
            fields[key] = decimal(words.get(key, value), ASSET_DECIMALS[0])
        return fields | {
            "name": words["market"], "template": words.get("template", "nft"),
            "asset": asset_number(words["asset"]), "signer": words["signer"].encode(),
        }  # fmt: skip


def decimal(text: str, decimals: int) -> int:
    """Return a decimal number times 10 ** decimals, exactly."""
    match = re.fullmatch(r"([+-]?)([0-9]+)(?:\.([0-9]+))?", text)
    assert match, f"not a number: {text}"
    fraction = (match[3] or "").ljust(decimals, "0")
    assert len(fraction) == decimals, f"{text} has more than {decimals} decimals"
    value = int(match[2] + fraction)
    return -value if match[1] == "-" else value


def span(text: str) -> int:
    """Return a span of time [ns]: 30s, 5m, 1h30m, -2d."""
    assert re.fullmatch(r"[+-]?([0-9]+(ms|s|m|h|d))+", text), f"not a span: {text}"
    parts = re.findall(r"([0-9]+)(ms|s|m|h|d)", text)
    total = sum(int(number) * SPANS[unit] for number, unit in parts)
    return -total if text.startswith("-") else total


def asset_number(text: str) -> int:
    return int(text[1:]) if text.startswith("#") else ASSET_NAMES.index(text)


def _market_number(reader: Reader, text: str, words: Words) -> int:
    return c.ALL_MARKETS if text == "all" else reader.market(words).id


def _order(reader: Reader, text: str, words: Words) -> int:
    ordinal = int(text.removeprefix("#"))
    return reader.orders[ordinal - 1] if 0 < ordinal <= len(reader.orders) else ordinal


def _amount(reader: Reader, text: str, words: Words) -> int:
    """Return money in its asset, ETH where none is said; units of an instrument are plain numbers."""
    if "instrument" in words:
        return int(text)
    return decimal(text, ASSET_DECIMALS[asset_number(words.get("asset", "ETH"))])


def _limit(reader: Reader, text: str, words: Words) -> int:
    return decimal(text, ASSET_DECIMALS[reader.market(words).asset])


def _time(reader: Reader, text: str, words: Words) -> int:
    """Return a time said relative to now; 0 is no time."""
    if text == "0":
        return 0
    return reader.world.now + (0 if text == "now" else span(text))


def _side(reader: Reader, text: str, words: Words) -> int:
    return {"buy": 1, "sell": -1}[text]


def _text(reader: Reader, text: str, words: Words) -> bytes:
    return text.encode()


def _tokens(reader: Reader, text: str, words: Words) -> tuple[tuple[int, int], ...]:
    """Return tokens of collections: APES:7,CATS:3."""
    parts = [each.split(":") for each in text.split(",")]
    return tuple((reader.collection(name), int(number)) for name, number in parts)


def _components(reader: Reader, text: str, words: Words) -> tuple[tuple[int, int], ...]:
    """Return a basket's markets and weights: PUNKS:40%,APES:60%."""
    parts = [each.split(":") for each in text.split(",")]
    return tuple((reader.market({"market": name}).id, reader.number(weight, words)) for name, weight in parts)


_READERS: dict[str, Callable[[Reader, str, Words], Any]] = {
    "account": lambda reader, text, words: reader.account(text),
    "to": lambda reader, text, words: reader.account(text),
    "debtor": lambda reader, text, words: reader.account(text),
    "market": _market_number,
    "asset": lambda reader, text, words: asset_number(text),
    "order": _order,
    "amount": _amount,
    "commitment": _amount,
    "vault": lambda reader, text, words: VAULTS.index(text) if text in VAULTS else text.encode(),
    "shares": lambda reader, text, words: decimal(text, SHARE_DECIMALS),
    "limit": _limit,
    "price_max": lambda reader, text, words: decimal(text, ASSET_DECIMALS[0]),
    "side": _side,
    "tif": lambda reader, text, words: TIFS[text],
    "client_id": lambda reader, text, words: text.encode().ljust(16, b"\0"),
    "collection": lambda reader, text, words: reader.collection(text),
    "collections": lambda reader, text, words: tuple(map(reader.collection, text.split(","))),
    "tokens": _tokens,
    "components": _components,
    "first_price": lambda reader, text, words: decimal(text, reader.market(words).price_decimals),
    "name": lambda reader, text, words: text,
    "tier": lambda reader, text, words: text,
    "is_flagged": lambda reader, text, words: text == "yes",
    "reporters": lambda reader, text, words: tuple(each.encode() for each in text.split(",")),
    "values": lambda reader, text, words: tuple(reader.number(each, words) for each in text.split(",")),
    "key": lambda reader, text, words: text,
    "action": lambda reader, text, words: text,
    "nonce": lambda reader, text, words: 0,
    "price_e12": lambda reader, text, words: decimal(text, 15),
    **dict.fromkeys(TIMES, _time),
    **dict.fromkeys(TEXTS, _text),
    **dict.fromkeys(
        ("at_market", "reduce_only", "above"), lambda reader, text, words: {"yes": True, "no": False}[text]
    ),
}
