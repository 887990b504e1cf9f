"""A world with reporters and a collection, and the words to speak about tokens.

Prices are ETH as whole numbers where they are small, and atoms where they are not.
"""

from typing import Any

from floorbook.core import commands as c
from floorbook.core.collateral import Collection, Token, token_key
from floorbook.core.rules.reports import APPRAISAL, INDEX
from floorbook.units import MINUTE_NS, SECOND_NS
from tests.core.engine.world import ETHER, PUNKS, World

REPORTERS = tuple(f"reporter-{n}".encode() for n in range(5))
QUORUM = 3
PUNK = 0  # the collection
FLOOR = 30 * ETHER
BIDS = (30 * ETHER, 29 * ETHER, 28 * ETHER, 27 * ETHER, 26 * ETHER)
SALES, SIGMA = 700, 50_000_000


class Vault(World):
    """A world whose market PUNKS has a collection, priced by five reporters."""

    def __init__(self) -> None:
        super().__init__()
        self.round = 0

    def list_punks(self, **changes: Any) -> c.ListCollection:
        fields = {
            "name": "PUNKS", "market": -1, "tier": "blue", "group": 0, "supply": 10_000,
            "unique_owners": 3_500,
        }  # fmt: skip
        command: c.ListCollection = self.operated(c.ListCollection, **fields | changes)
        return command

    def open_punks(self, **changes: Any) -> None:
        """List the collection, name the reporters, and let them report once."""
        self.does(self.operated(c.SetReporters, reporters=REPORTERS, quorum=QUORUM))
        self.does(self.list_punks(**changes))
        self.report()

    @property
    def punks(self) -> Collection:
        return self.state.collections[PUNK]

    def report(
        self, floor: int = FLOOR, bids: tuple[int, ...] = BIDS, sales: int = SALES, sigma: int = SIGMA,
        *, collection: int = PUNK, count: int = 5, tick: bool = True,
    ) -> None:  # fmt: skip
        """Let reporters say an index; bids above the floor are cut to it."""
        values = (floor, *(min(bid, floor) for bid in bids), sales, sigma)
        self.say(INDEX, collection, -1, values, count)
        if tick:
            self.tick()

    def appraise(self, token: int, low: int, evidence: int | None = None, count: int = 5) -> None:
        """Let reporters say a token's P10; the last sale with a shared trait was just now."""
        seen = self.at if evidence is None else evidence
        self.say(APPRAISAL, PUNK, token, (low, low, low, seen), count)

    def say(self, kind: int, collection: int, token: int, values: tuple[int, ...], count: int) -> None:
        self.round += 1
        for reporter in REPORTERS[:count]:
            self.does(
                c.PublishReport(
                    reporter=reporter, collection=collection, token=token, kind=kind, values=values,
                    sampled_from=self.at, sampled_to=self.at, round=self.round,
                )
            )  # fmt: skip

    def tick(self) -> None:
        self.does(c.Tick())

    def pass_time(self, minutes: int, step: int = 30, **report: Any) -> None:
        """Let time go on, the reporters repeating themselves at each step."""
        for _ in range(0, minutes, step):
            self.at += step * MINUTE_NS
            self.report(**report)

    def brings(self, account: int, *tokens: int, collection: int = PUNK, age: int = 600) -> None:
        """Let tokens arrive for an account, and grow old enough to be pledged."""
        for token in tokens:
            reference = f"nft-{len(self.state.references)}".encode()
            self.does(
                c.DepositToken(
                    account=account,
                    collection=collection,
                    token=token,
                    reference=reference,
                    fingerprint=b"as it was",
                )
            )
        self.wait(age)

    def pledges(self, account: int, *tokens: int) -> None:
        for token in tokens:
            self.does(self.named(c.PledgeToken, account, token))

    def named(self, kind: type[Any], account: int, token: int, **fields: Any) -> Any:
        return self.signed(kind, account, **{"collection": PUNK} | fields, token=token)

    def token(self, number: int) -> Token:
        return self.state.tokens[token_key(PUNK, number)]


def punk_market(world: World) -> int:
    """List and open the perpetual."""
    world.does(world.list_market())
    world.set_status("open", PUNKS)
    return PUNKS


assert MINUTE_NS == 60 * SECOND_NS
