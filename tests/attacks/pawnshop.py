"""A lender on tokens, five reporters, and one attacker with as many names as he likes.

The true price is a fact: what a token can be sold for.  Reporters say it, or what the attack lets them say.
An attacker borrows what he is given and walks away where that is more than the token is worth; he is
never charged for what the manipulation itself costs him, nor for interest.
"""

from collections.abc import Callable, Mapping
from typing import Any

from floorbook.core import commands as c
from floorbook.core.collateral import Custody, token_key
from floorbook.core.engine import collateral, credit
from floorbook.core.events import Borrowed, Event
from floorbook.core.rules.reports import DEPTH_AT, INDEX
from floorbook.core.rules.vault import LENDING
from floorbook.units import PPB_ONE, SECOND_NS
from tests.core.engine.pledging import PUNK, QUORUM, REPORTERS, Vault
from tests.core.engine.world import ETHER

TRUTH = 30 * ETHER  # [atoms] of a token when an attack begins
LENT_ETH = 4_000
LINE_MAX = 100_000 * ETHER
SALES, SIGMA = 700, 50_000_000
Said = Mapping[int, int]  # reporter -> what it says of the truth [ppb]
HONEST: Said = {}


class Pawnshop(Vault):
    """The exchange with one collection and no market; time goes on in steps, a report and a tick in each."""

    def __init__(self) -> None:
        super().__init__()
        self.truth = TRUTH
        self.pawned: dict[int, int] = {}  # account -> token
        self.lent: dict[int, int] = {}  # account -> what it walked away with [atoms]
        self.spent = 0  # what the attack has cost, where a test counts it [atoms]
        self.does(self.operated(c.SetReporters, reporters=REPORTERS, quorum=QUORUM))
        self.does(self.list_punks())
        # The collection's own line would stop most attacks at their first token: here it is no guard.
        self.does(self.operated(c.SetCollateral, collection=PUNK, key="line_max", value=LINE_MAX))
        self.lender = self.open_account(b"lender", eth=LENT_ETH)
        self.does(self.signed(c.EnterVault, self.lender, vault=LENDING, amount=LENT_ETH * ETHER))
        self.tick()

    def signed(self, kind: type[Any], account: int, **fields: Any) -> Any:
        self.nonce = max(self.nonce, self.at // 10**6)
        return super().signed(kind, account, **fields)

    def operated(self, kind: type[Any], **fields: Any) -> Any:
        self.nonce = max(self.nonce, self.at // 10**6)
        return super().operated(kind, **fields)

    # ---- prices --------------------------------------------------------------------------------

    def hear(self, reporter: int, share_ppb: int = PPB_ONE) -> c.PublishReport:
        """Let a reporter say the truth times a share, flat bids below it; return its report."""
        self.round += 1
        price = max(1, self.truth * share_ppb // PPB_ONE)
        command = c.PublishReport(
            reporter=REPORTERS[reporter], collection=PUNK, token=-1, kind=INDEX,
            values=(price, *[price] * len(DEPTH_AT), SALES, SIGMA), sampled_from=self.at, sampled_to=self.at,
            round=self.round,
        )  # fmt: skip
        self.does(command)
        return command

    def hear_all(self, said: Said = HONEST) -> list[c.PublishReport]:
        """Let all reporters speak, the liars last, and the clock tick."""
        order = sorted(range(len(REPORTERS)), key=lambda reporter: reporter in said)
        heard = [self.hear(reporter, said.get(reporter, PPB_ONE)) for reporter in order]
        self.tick()
        return heard

    def pass_seconds(self, seconds: int, step: int = 600, said: Said | None = HONEST,
                     each: Callable[[], object] | None = None) -> None:  # fmt: skip
        """Let time go on; None said: nobody reports."""
        for _ in range(0, seconds, step):
            self.at += step * SECOND_NS
            if said is None:
                self.tick()
            else:
                self.hear_all(said)
            if each:
                each()

    # ---- pawning -------------------------------------------------------------------------------

    def bring(self, count: int, owner: bytes = b"attacker") -> None:
        """Let tokens arrive, each under another name, old enough to be pledged ten minutes later."""
        for _ in range(count):
            number = len(self.state.tokens)
            account = self.open_account(b"%s %d" % (owner, number))
            self.pawned[account] = number
            self.brings(account, number, age=0)

    def pawn_all(self) -> None:
        """Pledge, and borrow whatever is given; what is refused is tried again the next time."""
        for account, number in self.pawned.items():
            if self.token(number).custody == Custody.ACCOUNT:
                self.apply(self.named(c.PledgeToken, account, number))
            if self.token(number).custody == Custody.PLEDGED:
                self._borrow(account)

    def _borrow(self, account: int) -> None:
        worth = collateral.account_worth(self.state, account)
        line = self.state.credit.lines.get(account)
        if worth.backing > (line.commitment if line else 0):
            self.apply(self.signed(c.OpenCredit, account, commitment=worth.backing))
        room = worth.loan - credit.debt(self.state, account)
        if room > 0:
            events = self.apply(self.signed(c.Borrow, account, amount=room))
            self.lent[account] = self.lent.get(account, 0) + borrowed(events)

    # ---- money ---------------------------------------------------------------------------------

    def profit(self) -> int:
        """Return what the attacker has if he walks away from every token worth less than its loan [atoms]."""
        return sum(max(0, lent - self.truth) for lent in self.lent.values())

    def net(self) -> int:
        """Return the profit after what the attack has cost."""
        return self.profit() - self.spent

    def outcome(self) -> tuple[int, int]:
        """Order attempts by what they earned, then by what was lent at all."""
        return self.profit(), sum(self.lent.values())

    def is_pledged(self, number: int) -> bool:
        return self.state.tokens[token_key(PUNK, number)].custody == Custody.PLEDGED


def borrowed(events: list[Event]) -> int:
    return sum(event.amount for event in events if isinstance(event, Borrowed))
