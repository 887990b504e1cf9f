"""Random lives of a whole exchange with collateral: markets, lenders, debtors, sales, units, at any prices.

Everything of `ExchangeMachine` and what the collateral commands add.  After each command every invariant
holds, the state agrees with a second set of books kept from events alone (books.py), and lenders
and debtors are where they must be (solvency.py).
"""

from collections import Counter
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from floorbook.core import commands as c
from floorbook.core.collateral import Custody, Kind, token_key
from floorbook.core.engine import credit
from floorbook.core.rules.collateral import BOUNDS
from floorbook.core.rules.reports import APPRAISAL, INDEX, SHARE
from floorbook.core.rules.vault import INSURANCE, LENDING
from floorbook.units import DAY_NS, ETH, HOUR_NS, MINUTE_NS, PPB_ONE, SECOND_NS
from tests.stateful.books import Books, quotes, unexplained
from tests.stateful.machine import APES, PUNKS, START_PRICES, ExchangeMachine, markets, sides
from tests.stateful.solvency import check_debtors, check_leaving, check_lenders, plan_exit
from tests.traces.world import only_reason

CATS, BASKET = 3, 4  # markets
TICK = 10**5  # [atoms] of a tick of a whole item
ETHER = 10**9
LENDER = 7  # its place; 0 is the whale, 1 to 5 have little money, 6 is the whale's second account
MARKET_OF = (PUNKS, APES, CATS)  # of collections 0, 1, 2
TIERS = ("blue", "mid", "tail")
GROUPS = (0, 0, 1)
REPORTERS = tuple(b"reporter %d" % number for number in range(3))
MOODS = ("honest", "honest", "one lies", "spread", "silent", "all lie")
NUMBERS = 8  # tokens of a collection that anybody has
WHOLE = 10**9
PRICES = (c.PublishReport, c.PublishVenue, c.PublishAsset)
TOKEN_WORDS = (*[c.PledgeToken] * 4, c.ReleaseToken, c.ReleaseToken, c.WithdrawToken, c.TransferToken)
UNIT_WORDS = (c.PledgeUnits, c.PledgeUnits, c.ReleaseUnits, c.TransferUnits, c.RedeemUnits)

people = st.sampled_from((1, 1, 2, 2, 3, 3, 4, 0, 6, 7))
collections = st.sampled_from((0, 0, 0, 1, 2, 3, -1))
numbers = st.integers(0, NUMBERS - 1)
instruments = st.sampled_from((0, 1, 1, 2, 2, 3, 9, -1))
amounts = st.sampled_from((0, 1, 7, WHOLE // 3, WHOLE // 2, WHOLE, 20 * WHOLE))
percents = st.sampled_from((0, 10, 50, 90, 99, 100, 101))


class CollateralMachine(ExchangeMachine):
    """One life."""

    seen: ClassVar[Counter[str]] = Counter()
    done: ClassVar[Counter[str]] = Counter()  # commands that were not refused, and reasons of those that were

    @initialize(
        adl_mode=st.integers(0, 1), insurance=st.sampled_from((5, 20, 100)), lent=st.sampled_from((60, 900)),
        insured=st.sampled_from((0, 1, 40)),
    )  # fmt: skip
    def begin(self, adl_mode: int, insurance: int, lent: int, insured: int) -> None:
        """Three collections, one without others in its group, lenders, five with two tokens of each."""
        self.books: Books | None = None
        super().begin(adl_mode, insurance, [])
        self.books = Books()
        self.books.paid_in = list(self.world.state.deposits)
        self.moods = ["honest"] * 3
        self.told: dict[tuple[int, int, int], tuple[int, int]] = {}  # feed -> (value, when)
        self.appraised: set[tuple[int, int]] = set()
        self.round = 0
        self._open(b"lender", 0)
        self._deposit(self.account(LENDER), ETH, 3_000 * ETHER)
        self._list_more_markets()
        self._operate(c.SetReporters, reporters=REPORTERS, quorum=2)
        for name, market, tier, group in zip("PAC", MARKET_OF, TIERS, GROUPS, strict=True):
            self._operate(
                c.ListCollection, name=name, market=market if market != CATS else -1, tier=tier, group=group,
                supply=10_000, unique_owners=3_000,
            )  # fmt: skip
        self._operate(c.ListFund, name="FUND", collections=(0, 1, 2), weight_max=600_000_000)
        self._sign(LENDER, c.EnterVault, vault=LENDING, amount=lent * ETHER)
        self._sign(LENDER, c.EnterVault, vault=INSURANCE, amount=insured * ETHER)
        for number in range(NUMBERS):
            for collection in range(3):
                self.bring(1 + number % 5, collection, number)
        self.pass_hours(1, 2)
        for place in (1, 2, 3):
            for number in range(place - 1, NUMBERS, 5):
                self._sign(place, c.PledgeToken, collection=0, token=number)
        self.pass_hours(1, 2)
        for place in (1, 2, 3):
            self.open_credit(place, 100)

    def _list_more_markets(self) -> None:
        self.raw.append(50_000)
        self._list("CATS", "nft", self.raw[CATS], asset=0, price_decimals=4, size_decimals=2)
        self._list("BASKET", "basket", 100_000, asset=0, price_decimals=4, size_decimals=2)
        for market in (CATS, BASKET):
            self._deposit(self.world.insurance(market), ETH, 20 * ETHER)
            self._operate(c.SetParameter, market=market, key="index_move", value=2 * 10**9)
        self._operate(c.SetStatus, market=CATS, action="open")
        self.tick(SECOND_NS, None)
        components = ((PUNKS, 4 * 10**8), (APES, 35 * 10**7), (CATS, 25 * 10**7))
        self._operate(c.ListBasket, market=BASKET, first_price=100_000, components=components)
        self._operate(c.SetStatus, market=BASKET, action="open")

    # ---- the world ---------------------------------------------------------------------------

    @rule(collection=st.integers(0, 2), mood=st.sampled_from(MOODS))
    def mood(self, collection: int, mood: str) -> None:
        """The reporters of a collection begin to lie, to differ, to be silent, or to be honest again."""
        self.moods[collection] = mood
        self.tick(MINUTE_NS, None)

    @rule(hours=st.sampled_from((1, 6, 24, 48, 72)), ticks=st.sampled_from((2, 4, 8)))
    def pass_hours(self, hours: int, ticks: int) -> None:
        for _ in range(ticks):
            self.tick(hours * HOUR_NS // ticks, None)

    @rule(market=st.sampled_from((PUNKS, PUNKS, APES, CATS)), hours=st.sampled_from((0, 1, 6)),
          permille=st.sampled_from((-600, -400, -250, -100, 100, 400)))  # fmt: skip
    def crash(self, market: int, permille: int, hours: int) -> None:
        """The price moves, and stays so for the averages to follow."""
        self.raw[market] = max(10, min(self.raw[market] * (1_000 + permille) // 1_000, 10**6))
        self.pass_hours(hours or 1, 6)

    @rule(market=st.sampled_from((PUNKS, PUNKS, APES)), permille=st.sampled_from((-700, -500, -400)),
          hours=st.sampled_from((2, 6, 12)), keeper=st.sampled_from((LENDER, 4, 0)))  # fmt: skip
    def fall(self, market: int, permille: int, hours: int, keeper: int) -> None:
        """The price falls and stays low, while a keeper looks every hour for whom to sell up."""
        self.raw[market] = max(10, self.raw[market] * (1_000 + permille) // 1_000)
        for _ in range(hours):
            self.tick(HOUR_NS, None)
            self.world.now += 70 * SECOND_NS
            for debtor, line in list(self.world.state.credit.lines.items()):
                if line.unhealthy_since:
                    self._sign(keeper, c.CallAuction, debtor=debtor)

    @rule(collection=st.integers(0, 1), hours=st.sampled_from((7, 12, 30)))
    def hush(self, collection: int, hours: int) -> None:
        """The reporters of a collection say nothing for hours, then speak again."""
        self.moods[collection] = "silent"
        self.pass_hours(hours, 4)
        self.moods[collection] = "honest"
        self.pass_hours(2, 4)

    @rule()
    def recover(self) -> None:
        """Prices come back, reporters are honest, for a day."""
        self.raw[:3], self.raw[CATS] = list(START_PRICES), 50_000
        self.moods = ["honest"] * 3
        self.pass_hours(24, 8)

    @rule(collection=st.integers(0, 2), number=numbers)
    def appraise(self, collection: int, number: int) -> None:
        self.appraised.add((collection, number))

    @rule(place=people, collection=collections, number=numbers)
    def bring(self, place: int, collection: int, number: int) -> None:
        self._apply(
            c.DepositToken(
                account=self.account(place), collection=collection, token=number,
                reference=b"token %d" % self.world.number(), fingerprint=b"full",
            )
        )  # fmt: skip

    @rule(collection=collections, number=numbers, full=st.sampled_from((True, True, False)),
          flagged=st.sampled_from((False, False, True)))  # fmt: skip
    def observe(self, collection: int, number: int, full: bool, flagged: bool) -> None:
        seen = b"full" if full else b"empty"
        self._apply(c.ObserveToken(collection=collection, token=number, fingerprint=seen, is_flagged=flagged))

    # ---- tokens ------------------------------------------------------------------------------

    @rule(place=people, to=people, collection=collections, number=numbers,
          own=st.sampled_from((True, True, True, False)), kind=st.sampled_from(TOKEN_WORDS))  # fmt: skip
    def say(self, place: int, to: int, collection: int, number: int, own: bool, kind: type[Any]) -> None:
        """Mostly whoever has the token says it."""
        found = self.world.state.tokens.get(token_key(max(collection, 0), number))
        if own and found:
            holder = found.pledger if found.pledger >= 0 else found.holder
            place = list(self.owners).index(holder) if holder in self.owners else place
        more = {"to": self.account(to)} if kind is c.TransferToken else {}
        self._sign(place, kind, collection=collection, token=number, **more)

    # ---- credit ------------------------------------------------------------------------------

    @rule(place=people, percent=percents)
    def open_credit(self, place: int, percent: int) -> None:
        backing = credit.worth(self.world.state, self.account(place)).backing
        self._sign(place, c.OpenCredit, commitment=backing * percent // 100)

    @rule(place=people, percent=percents)
    def borrow(self, place: int, percent: int) -> None:
        """All orders away, and take all that is given, or a little more."""
        account = self.account(place)
        self._sign(place, c.CancelAll, market=c.ALL_MARKETS)
        room = credit.limit(self.world.state, account) + self.world.state.kernel.cash(account, ETH)
        self._sign(place, c.Borrow, amount=max(0, room) * percent // 100)

    @rule(place=people, percent=percents)
    def repay(self, place: int, percent: int) -> None:
        """A debt, and what others have paid for one."""
        account, state = self.account(place), self.world.state
        owed = credit.debt(state, account) + sum(state.owners[self.owners[account]].nft_claims)
        if owed * percent >= 100:
            self._deposit(account, ETH, owed * percent // 100)

    @rule(place=people, market=st.sampled_from((PUNKS, PUNKS, APES, CATS, BASKET)), side=sides)
    def lean(self, place: int, market: int, side: int) -> None:
        """One trades with the whale as large as money and credit let him."""
        self.gamble(place, market, side, 300)

    # ---- vaults ------------------------------------------------------------------------------

    @rule(place=people, vault=st.sampled_from((LENDING, LENDING, INSURANCE, 2)), percent=percents)
    def enter(self, place: int, vault: int, percent: int) -> None:
        cash = max(0, self.world.state.kernel.cash(self.account(place), ETH))
        self._sign(place, c.EnterVault, vault=vault, amount=cash * percent // 400)

    @rule(place=st.sampled_from((LENDER, LENDER, 0, 1, 2)), percent=percents,
          waits=st.sampled_from((0, 48, 48, 97)), vault=st.sampled_from((LENDING, INSURANCE)))  # fmt: skip
    def leave(self, place: int, vault: int, percent: int, waits: int) -> None:
        """Ask to go, and mostly wait until one may."""
        held = self.world.state.vaults[vault].balances.get(self.account(place), 0)
        self._sign(place, c.RequestExit, vault=vault, shares=held * percent // 100)
        if waits:
            self.pass_hours(waits, 4)
        self._sign(place, c.ExitVault, vault=vault)

    @rule(place=people, vault=st.sampled_from((LENDING, INSURANCE)))
    def leave_now(self, place: int, vault: int) -> None:
        self._sign(place, c.ExitVault, vault=vault)

    # ---- auctions ----------------------------------------------------------------------------

    @rule(place=st.sampled_from((0, 6, 7, 4)), collection=collections,
          percent=st.sampled_from((1, 30, 60, 90, 120)), number=st.sampled_from((-1, -1, 0, 1)))  # fmt: skip
    def bid(self, place: int, collection: int, percent: int, number: int) -> None:
        price = self.raw[MARKET_OF[max(0, collection) % 3]] * TICK * percent // 100
        self._sign(place, c.PlaceBid, collection=collection, price=price, token=number)

    @rule(place=st.sampled_from((0, 6, 7)), which=st.integers(0, 5))
    def cancel_bid(self, place: int, which: int) -> None:
        own = [bid.id for bid in self.world.state.bids.values() if bid.account == self.account(place)]
        self._sign(place, c.CancelBid, bid=own[which % len(own)] if own else which)

    @rule(place=st.sampled_from((0, 7, 4, 1)), debtor=people)
    def call(self, place: int, debtor: int) -> None:
        self._sign(place, c.CallAuction, debtor=self.account(debtor))

    @rule(place=st.sampled_from((0, 7, 7, 1)), which=st.integers(0, 5))
    def take(self, place: int, which: int) -> None:
        self._sign(place, c.TakeAuction, auction=self._auction(which), price_max=10**15)

    @rule(which=st.integers(0, 5), percent=percents)
    def redeem(self, which: int, percent: int) -> None:
        """A debtor pays, and takes back what is on sale."""
        sale = self.world.state.auctions.get(self._auction(which))
        if sale and sale.account in self.owners:
            place = list(self.owners).index(sale.account)
            self.repay(place, percent)
            self._sign(place, c.RedeemAuction, auction=sale.id)

    def _auction(self, which: int) -> int:
        known = list(self.world.state.auctions)
        return known[which % len(known)] if known else which

    # ---- units -------------------------------------------------------------------------------

    @rule(
        collection=st.integers(0, 2), number=numbers, supply=st.sampled_from((WHOLE, WHOLE, 3 * WHOLE + 1, 5))
    )
    def split(self, collection: int, number: int, supply: int) -> None:
        self.appraised.add((collection, number))
        holder = self._holder(collection, number)
        self._sign(holder, c.Fractionalise, collection=collection, token=number, supply=supply)

    @rule(
        place=st.sampled_from((0, 7, 7)), instrument=instruments, percent=st.sampled_from((50, 110, 200, 250))
    )
    def buy_out(self, place: int, instrument: int, percent: int) -> None:
        price = self._whole(instrument) * percent // 100
        self._sign(place, c.OpenBuyout, instrument=instrument, price=price)

    @rule(place=people, to=people, instrument=instruments, amount=amounts,
          own=st.sampled_from((True, True, False)), kind=st.sampled_from(UNIT_WORDS))  # fmt: skip
    def units(self, place: int, to: int, instrument: int, amount: int, own: bool, kind: type[Any]) -> None:
        """Mostly whoever has units says it, of all that he has."""
        state = self.world.state
        balances = state.instruments[instrument].balances if 0 <= instrument < len(state.instruments) else {}
        holders = [account for account in balances if account in self.owners]
        if own and holders:
            place = list(self.owners).index(holders[place % len(holders)])
            amount = min(amount, balances[self.account(place)])
        more = {"to": self.account(to)} if kind is c.TransferUnits else {}
        if kind is c.RedeemUnits and instrument == 0:
            more = {"tokens": self._held(amount)}
        self._sign(place, kind, instrument=instrument, amount=amount, **more)

    @rule(collection=st.integers(0, 2), number=numbers, two=st.booleans())
    def mint_fund(self, collection: int, number: int, two: bool) -> None:
        tokens = [(collection, number)]
        if two:
            tokens.append(((collection + 1) % 3, number))
        self._sign(self._holder(collection, number), c.MintFund, instrument=0, tokens=tuple(tokens))

    @rule(place=people, market=st.sampled_from((PUNKS, PUNKS, APES)), lots=st.sampled_from((1, 3, 20, 100)))
    def mint_receipt(self, place: int, market: int, lots: int) -> None:
        self._sign(place, c.MintReceipt, market=market, lots=lots)

    def _holder(self, collection: int, number: int) -> int:
        found = self.world.state.tokens.get(token_key(collection, number))
        if found and found.custody == Custody.ACCOUNT and found.holder in self.owners:
            return list(self.owners).index(found.holder)
        return 1

    def _held(self, amount: int) -> tuple[tuple[int, int], ...]:
        """Name the fund's tokens, from one to all."""
        keys = self.world.state.instruments[0].held
        names = [(t.collection, t.number) for t in (self.world.state.tokens[key] for key in keys)]
        return tuple(names if amount > WHOLE else names[:1])

    def _whole(self, instrument: int) -> int:
        known = self.world.state.instruments
        collection = known[instrument].collection if 0 <= instrument < len(known) else 0
        return self.raw[MARKET_OF[max(0, collection)]] * TICK

    # ---- the operator ------------------------------------------------------------------------

    @rule(collection=collections, key=st.sampled_from([*BOUNDS, "nonsense"]), percent=st.integers(0, 101),
          breaker=st.integers(-1, 4), which=st.integers(0, 5), market=markets)  # fmt: skip
    def govern(self, collection: int, key: str, percent: int, breaker: int, which: int, market: int) -> None:
        if which == 0:
            self._operate(c.SetBreaker, collection=collection, breaker=breaker)
        elif which == 1:
            self._operate(c.SetReporters, reporters=REPORTERS, quorum=2 + breaker % 2)
        elif which == 2:
            self._operate(
                c.ListCollection, name="LATE", market=market, tier="tail", group=2, supply=5_000,
                unique_owners=2_000,
            )  # fmt: skip
        else:
            value = percent * PPB_ONE // 100 if key != "line_max" else percent * 10 * ETHER
            self._operate(c.SetCollateral, collection=collection, key=key, value=value)

    # ---- the reporters -----------------------------------------------------------------------

    def _publish(self, live: Any) -> None:
        """Venues and reporters speak; of a silent market neither."""
        live = list(live)
        super()._publish([*live, CATS] if len(self.raw) > CATS else live)
        if self.books is None or not self.world.state.collections:
            return
        for collection, market in enumerate(MARKET_OF):
            if market in live or market == CATS:
                self._report(collection)
        for collection, number in sorted(self.appraised):
            self._appraise(collection, number)
        for each in self.world.state.instruments:
            if each.kind == Kind.FRACTION and each.supply:
                price = self._whole(each.id) * WHOLE // each.supply
                self._tell(SHARE, each.id, -1, price, lambda said: (said,), 50 * MINUTE_NS)

    def _report(self, collection: int) -> None:
        floor = self.raw[MARKET_OF[collection]] * TICK
        self._tell(INDEX, collection, -1, floor, _index_values, 30 * MINUTE_NS)

    def _appraise(self, collection: int, number: int) -> None:
        worth = self.raw[MARKET_OF[collection]] * TICK * (90 + 10 * number) // 100
        if (token_key(collection, number)) in self.world.state.tokens:
            evidence = self.world.now - 5 * DAY_NS
            self._tell(
                APPRAISAL, collection, number, worth,
                lambda said: (said * 9 // 10, said, said * 12 // 10, evidence), 11 * HOUR_NS,
            )  # fmt: skip

    def _tell(self, kind: int, collection: int, token: int, value: int, values: Any, every_ns: int) -> None:
        """Let the reporters say a value, if it is new or old enough to be said again."""
        mood = self.moods[collection] if kind == INDEX else "honest"
        told = self.told.get((kind, collection, token))
        is_said = told is not None and told[0] == value and self.world.now < told[1] + every_ns
        if mood == "silent" or (mood == "honest" and is_said):
            return
        self.told[kind, collection, token] = (value if mood == "honest" else -1), self.world.now
        self.round += 1
        for place, reporter in enumerate(REPORTERS):
            said = max(1, value * _LIES[mood][place] // 100)
            self._apply(
                c.PublishReport(
                    reporter=reporter, collection=collection, token=token, kind=kind, values=values(said),
                    sampled_from=self.world.now, sampled_to=self.world.now, round=self.round,
                )
            )  # fmt: skip

    # ---- what must hold ----------------------------------------------------------------------

    def _apply(self, command: c.AnyCommand) -> list[Any]:
        if self.books is None or isinstance(command, PRICES):
            return super()._apply(command)  # prices move nothing before the next tick, whose books are kept
        state, before = self.world.state, quotes(self.world.state)
        leaving = plan_exit(state, command)
        events = super()._apply(command)
        self._count(command, events)
        moves = self.books.write(state, command, events)
        wrong = self.books.differences(state) + unexplained(state, command, before, moves)
        assert wrong == [], command
        check_lenders(state)
        check_leaving(state, command, events, leaving)
        check_debtors(state, command, events)
        return events

    def _count(self, command: c.AnyCommand, events: list[Any]) -> None:
        reason = only_reason(events)
        name = type(command).__name__
        self.done[name if reason is None else f"{name} {reason.name}"] += 1

    def _price(self, market: int, offset: int) -> int:
        mark = self.world.state.markets[market].mark or 100_000
        return max(1, mark * (1_000 + offset) // 1_000)


_LIES = {  # [% of the truth] by reporter
    "honest": (100, 100, 100),
    "one lies": (100, 101, 900),
    "spread": (100, 40, 300),
    "all lie": (300, 300, 300),
}


def _index_values(floor: int) -> tuple[int, ...]:
    bids = [max(1, floor * percent // 100) for percent in (99, 98, 96, 93, 90)]
    return (floor, *bids, 700, 4 * PPB_ONE // 100)
