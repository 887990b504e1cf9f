"""Random lives of tokens: they come, are pledged, lent on, flagged, sold, and leave, at any prices.

`World.apply` checks every invariant after each command; each life must survive its dump and a replay.
"""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from floorbook.core import commands as c
from floorbook.core.collateral import Custody
from floorbook.core.engine import collateral, collateral_queries
from floorbook.core.engine.worth import open_threshold
from floorbook.core.rules.collateral import BOUNDS, RAMP_NS
from floorbook.core.rules.reports import APPRAISAL, INDEX
from floorbook.core.rules.vault import LENDING
from floorbook.units import DAY_NS, HOUR_NS, MINUTE_NS, PPB_ONE, SECOND_NS
from tests.traces.world import OPERATOR, World

ETHER = 10**9
REPORTERS = tuple(b"reporter-%d" % number for number in range(5))
OWNERS = (b"whale", b"maker", b"taker")
STEPS = (SECOND_NS, MINUTE_NS, 10 * MINUTE_NS, HOUR_NS, 6 * HOUR_NS, DAY_NS)
WILD = (-(2**63), -1, 0, 2**40, 2**53, 2**63 - 1)

people = st.integers(0, len(OWNERS))  # the last is the whale's second account
tokens = st.integers(0, 3)
wild = st.one_of(*[tokens] * 6, st.sampled_from(WILD))
collections = st.sampled_from((0,) * 8 + (1, 7, -1))
prices = st.integers(1, 200).map(lambda tenths: tenths * ETHER)


class Pledges(RuleBasedStateMachine):
    """One life."""

    @initialize()
    def begin(self) -> None:
        """Two collections of one group, a lending pool, three owners; everybody has a token."""
        self.world = World(dump_every=20)
        self.rounds = 0
        self.world.genesis()
        self.accounts: list[int] = []
        for owner in OWNERS:
            self.world.apply(c.OpenAccount(owner=owner))
            self.accounts.append(len(self.world.state.owner_of) - 1)
            self._apply(c.Deposit, account=self.accounts[-1], asset=0, amount=500 * ETHER, reference=owner)
        self._operate(c.SetReporters, reporters=REPORTERS, quorum=3)
        for name, tier in (("PUNKS", "blue"), ("APES", "tail")):
            self._operate(
                c.ListCollection, name=name, market=-1, tier=tier, group=0, supply=10_000, unique_owners=3_000
            )
        self._sign(0, c.OpenSubAccount)
        self.accounts.append(len(self.world.state.owner_of) - 1)
        self._sign(1, c.EnterVault, vault=LENDING, amount=400 * ETHER)
        for collection in (0, 1):
            self.report(collection, 30 * ETHER, 50, 700, 5, 5)
        for number in range(4):
            self.deposit(number % 3, 0, number, full=True)
        self.wait(2)
        self.report(0, 30 * ETHER, 50, 700, 5, 5)
        for number in range(3):
            self.say(number, 0, number, c.PledgeToken, own=True)
            self.borrow(number, 100)
        self.before = self._thresholds(), self.world.now

    # ---- the world ---------------------------------------------------------------------------

    @rule(collection=st.integers(0, 1), floor=prices, depth=st.integers(0, 99), sales=st.integers(0, 2_000),
          sigma=st.integers(0, 60), count=st.integers(1, 5))  # fmt: skip
    def report(self, collection: int, floor: int, depth: int, sales: int, sigma: int, count: int) -> None:
        bids = [max(1, floor * depth**rank // 100**rank) for rank in range(5)]
        values = (floor, *bids, sales, sigma * PPB_ONE // 100)
        self._say(INDEX, collection, -1, values, count)
        self.world.apply(c.Tick())

    @rule(percent=st.integers(20, 120), hours=st.sampled_from((1, 6, 24, 72)))
    def move(self, percent: int, hours: int) -> None:
        """The floor moves and stays, with reports enough to act on."""
        floor = max(1, self.world.state.collections[0].spot * percent // 100)
        for _ in range(6):
            self.world.now += hours * HOUR_NS // 6
            self.report(0, floor, 95, 700, 5, 5)

    @rule(collection=st.integers(0, 1), token=tokens, low=prices, days=st.integers(0, 40))
    def appraise(self, collection: int, token: int, low: int, days: int) -> None:
        evidence = self.world.now - days * DAY_NS
        self._say(APPRAISAL, collection, token, (low, 2 * low, 3 * low, evidence), 5)

    @rule(step=st.integers(0, len(STEPS) - 1))
    def wait(self, step: int) -> None:
        self.world.now += STEPS[step]
        self.world.apply(c.Tick())

    @rule(person=people, collection=collections, token=wild, full=st.booleans())
    def deposit(self, person: int, collection: int, token: int, full: bool) -> None:
        fingerprint, reference = (b"full" if full else b""), b"%d" % self.world.number()
        self._apply(
            c.DepositToken, account=self.accounts[person], collection=collection, token=token,
            reference=reference, fingerprint=fingerprint,
        )  # fmt: skip

    @rule(collection=collections, token=wild, full=st.booleans(), flagged=st.booleans())
    def observe(self, collection: int, token: int, full: bool, flagged: bool) -> None:
        seen = b"full" if full else b""
        self._apply(c.ObserveToken, collection=collection, token=token, fingerprint=seen, is_flagged=flagged)

    @rule(collection=collections, key=st.sampled_from([*BOUNDS, "nonsense"]), percent=st.integers(0, 101))
    def set_collateral(self, collection: int, key: str, percent: int) -> None:
        self._operate(c.SetCollateral, collection=collection, key=key, value=percent * PPB_ONE // 100)

    @rule(collection=collections, breaker=st.integers(-1, 4))
    def set_breaker(self, collection: int, breaker: int) -> None:
        self._operate(c.SetBreaker, collection=collection, breaker=breaker)

    # ---- people ------------------------------------------------------------------------------

    @rule(person=people, collection=collections, token=wild,
          kind=st.sampled_from((c.PledgeToken, c.PledgeToken, c.ReleaseToken, c.WithdrawToken)),
          own=st.sampled_from((True, True, False)))  # fmt: skip
    def say(self, person: int, collection: int, token: int, kind: type[Any], own: bool) -> None:
        """Mostly whoever has the token says it."""
        found = collateral.find_token(self.world.state, collection, token)
        if own and found:
            holder = found.pledger if found.pledger >= 0 else found.holder
            person = self.accounts.index(holder) if holder in self.accounts else person
        self._sign(person, kind, collection=collection, token=token)

    @rule(person=people, other=people, collection=collections, token=wild)
    def transfer(self, person: int, other: int, collection: int, token: int) -> None:
        self._sign(person, c.TransferToken, to=self.accounts[other], collection=collection, token=token)

    @rule(person=people, percent=st.integers(0, 101))
    def borrow(self, person: int, percent: int) -> None:
        """Take all that is given, or a little more."""
        counted = collateral.account_worth(self.world.state, self.accounts[person])
        self._sign(person, c.OpenCredit, commitment=counted.backing)
        cash = self.world.state.kernel.cash(self.accounts[person], 0)
        self._sign(person, c.Borrow, amount=(max(0, cash) + counted.loan) * percent // 100)

    # ---- what must hold ----------------------------------------------------------------------

    @invariant()
    def worth_is_bounded(self) -> None:
        for account in self.accounts:
            counted = collateral.account_worth(self.world.state, account)
            assert 0 <= counted.loan <= min(counted.borrow, counted.liquidation)
            assert 0 <= counted.recovery <= counted.liquidation >= counted.backing
            held = collateral_queries.holdings(self.world.state, account)
            assert isinstance(held, collateral_queries.Holdings)
            assert counted.backing == sum(line.backing for line in held.tokens)

    @invariant()
    def new_credit_keeps_its_distance(self) -> None:
        for each in self.world.state.collections:
            assert each.lt <= max(0, each.recovery)
            assert each.ltv == 0 or each.ltv + PPB_ONE // 10 <= min(
                each.lt, open_threshold(self.world.state, each)
            )

    @invariant()
    def open_thresholds_move_slowly(self) -> None:
        (before, at), now = self.before, self._thresholds()
        for old, new in zip(before, now, strict=True):
            passed = self.world.now - at
            assert -PPB_ONE * passed // RAMP_NS - 2 <= new - old <= PPB_ONE // 100 * passed // DAY_NS + 2
        self.before = now, self.world.now

    def teardown(self) -> None:
        if hasattr(self, "world"):
            assert all(t.custody in Custody for t in self.world.state.tokens.values())
            self.world.assert_it_replays()

    # ---- commands ----------------------------------------------------------------------------

    def _thresholds(self) -> list[int]:
        return [open_threshold(self.world.state, each) for each in self.world.state.collections]

    def _say(self, kind: int, collection: int, token: int, values: tuple[int, ...], count: int) -> None:
        self.rounds += 1
        for reporter in REPORTERS[:count]:
            self._apply(
                c.PublishReport, reporter=reporter, collection=collection, token=token, kind=kind,
                values=values, sampled_from=self.world.now, sampled_to=self.world.now, round=self.rounds,
            )  # fmt: skip

    def _apply(self, command: type[Any], /, **fields: Any) -> None:
        self.world.apply(command(**fields))

    def _operate(self, kind: type[Any], **fields: Any) -> None:
        self._apply(kind, signer=OPERATOR, nonce=self.world.nonce(), **fields)

    def _sign(self, person: int, kind: type[Any], **fields: Any) -> None:
        signer = OWNERS[person % len(OWNERS)]
        account = self.accounts[person] if person < len(self.accounts) else 0
        self._apply(kind, account=account, signer=signer, nonce=self.world.nonce(), **fields)


TestPledges = Pledges.TestCase
TestPledges.settings = settings(max_examples=8, stateful_step_count=25)
