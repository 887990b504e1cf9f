"""Random lives of an exchange: commands valid and invalid, oracle gaps, silence, operators, over weeks.

`World.apply` checks every invariant after each command, and that a refused one changed nothing; at the end
of each life the state must survive its dump, a replay, and the plain reference kernel.
"""

from collections import Counter
from functools import partial
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from floorbook.core import commands as c
from floorbook.core.engine.engine import Engine
from floorbook.core.rules.parameters import MARKET_PARAMETERS
from floorbook.units import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS, clamp
from tests.core.kernel.reference import ReferenceKernel
from tests.traces.world import OPERATOR, World

PUNKS, APES, ETH_USD = range(3)
START_PRICES = (300_000, 100_000, 20_000)  # [ticks]
CASH = (300, 12, 6, 4, 2, 2)  # [ETH] by owner
USDC_PRICE = 5 * 10**11  # [e12] 2,000 USD an ETH
STEPS = (SECOND_NS, 30 * SECOND_NS, MINUTE_NS, 5 * MINUTE_NS, HOUR_NS)
ACTIONS = ("halt", "resume", "resume", "pause", "resume", "wind_down", "nonsense", "open")

EDGES = (-(2**63), -1, 0, 1, 2**31 - 1, 2**31, 2**40 + 1, 2**53, 2**56 + 1, 2**60 + 1, 2**63 - 1)
wild = st.one_of(st.integers(-3, 30), st.sampled_from(EDGES))
accounts = st.integers(0, 7)
markets = st.sampled_from((PUNKS, PUNKS, PUNKS, APES, ETH_USD))
sides = st.sampled_from((1, -1))
lots = st.sampled_from((1, 5, 20, 50, 100, 300))
offsets = st.sampled_from((-60, -20, -5, -1, 0, 1, 5, 20, 60))  # [permille of the mark]
client_ids = st.sampled_from((b"", b"", bytes(16), b"a" * 16, b"b" * 16, b"short"))
booleans = st.booleans()


class ExchangeMachine(RuleBasedStateMachine):
    """One life."""

    seen: ClassVar[Counter[str]] = Counter()  # events of all lives, to know that they were worth living

    @initialize(
        adl_mode=st.integers(0, 1), insurance=st.sampled_from((5, 20, 100)),
        gambles=st.lists(st.tuples(accounts, markets, sides, lots), min_size=4, max_size=10),
    )  # fmt: skip
    def begin(self, adl_mode: int, insurance: int, gambles: list[tuple[int, int, int, int]]) -> None:
        """Three markets that follow their venues fast; six owners, one with two accounts and an agent."""
        self.world = World(dump_every=25)
        self.owners: dict[int, bytes] = {}
        self.raw = list(START_PRICES)
        self.world.genesis()
        self._list("PUNKS", "nft", START_PRICES[PUNKS], asset=0, price_decimals=4, size_decimals=2)
        self._list("APES", "nft", START_PRICES[APES], asset=0, price_decimals=4, size_decimals=2)
        self._list("ETH-USD", "eth-usd", START_PRICES[ETH_USD], asset=1, price_decimals=1, size_decimals=3)
        for market in (PUNKS, APES, ETH_USD):
            asset = int(market == ETH_USD)
            self._deposit(self.world.insurance(market), asset, insurance * (10**9, 2_000 * 10**6)[asset])
            self._operate(c.SetParameter, market=market, key="index_move", value=2 * 10**9)
            self._operate(c.SetParameter, market=market, key="adl_mode", value=adl_mode)
        self._deposit(self.world.state.desk_account, 1, 5_000 * 10**6)
        self.world.now += DAY_NS
        self.world.apply(c.Tick())
        for number, cash in enumerate(CASH):
            self._open(b"owner %d" % number, cash)
        self._sign(0, c.OpenSubAccount)
        self.owners[len(self.world.state.owner_of) - 1] = b"owner 0"
        self._sign(0, c.ApproveAgent, agent=b"agent", until=self.world.now + DAY_NS)
        for market in (PUNKS, APES, ETH_USD):
            self._operate(c.SetStatus, market=market, action="open")
        self._asset(USDC_PRICE)
        self._publish(range(3))
        self.world.apply(c.Tick())
        for gamble in gambles:
            self.gamble(*gamble)

    # ---- orders ------------------------------------------------------------------------------

    @rule(account=accounts, market=markets, side=sides, size=lots, offset=offsets,
          tif=st.sampled_from((c.GTC, c.GTC, c.IOC, c.IOC, c.FOK, c.POST_ONLY)), reduce_only=booleans,
          client_id=client_ids, expires=st.sampled_from((0, 0, 0, 20, 3_000, -1)))  # fmt: skip
    def place(
        self, account: int, market: int, side: int, size: int, offset: int, tif: int, reduce_only: bool,
        client_id: bytes, expires: int,
    ) -> None:  # fmt: skip
        self._sign(
            account, c.PlaceOrder, market=market, side=side, lots=self._lots(market, size),
            price=self._price(market, offset), tif=tif, reduce_only=reduce_only, client_id=client_id,
            expires=expires and self.world.now + expires * SECOND_NS,
        )  # fmt: skip

    @rule(market=markets, size=lots, spread=st.sampled_from((1, 5, 30)))
    def quote(self, market: int, size: int, spread: int) -> None:
        """The first owner makes a market, anew."""
        self._sign(0, c.CancelAll, market=market)
        for side in (1, -1):
            price = self._price(market, -side * spread)
            self._sign(0, c.PlaceOrder, market=market, side=side, lots=self._lots(market, size), price=price)

    @rule(account=accounts, market=markets, side=sides, size=lots)
    def gamble(self, account: int, market: int, side: int, size: int) -> None:
        """One trades with the first owner as large as margin lets him."""
        price = self._price(market, 0)
        size = self._lots(market, size)
        self._sign(0, c.PlaceOrder, market=market, side=-side, lots=size, price=price)
        while size and self._sign(
            account, c.PlaceOrder, market=market, side=side, lots=size, price=price, tif=c.IOC
        ):
            size //= 2
        self._sign(0, c.CancelAll, market=market)

    @rule(account=accounts, market=markets, side=sides, size=lots, tif=st.sampled_from((c.IOC, c.FOK, c.GTC)))
    def place_at_market(self, account: int, market: int, side: int, size: int, tif: int) -> None:
        lots = self._lots(market, size)
        self._sign(account, c.PlaceOrder, market=market, side=side, lots=lots, tif=tif, at_market=True)

    @rule(account=accounts, which=st.integers(0, 5), offset=offsets, size=lots)
    def modify(self, account: int, which: int, offset: int, size: int) -> None:
        if order := self._order(account, which):
            market = order[2]
            price = order[4] if offset == 0 else self._price(market, offset)
            lots = self._lots(market, size)
            self._sign(account, c.ModifyOrder, market=market, order=order[0], price=price, lots=lots)

    @rule(account=accounts, which=st.integers(-3, 5), client_id=client_ids,
          market=st.sampled_from((PUNKS, APES, c.ALL_MARKETS, 7)))  # fmt: skip
    def cancel(self, account: int, which: int, client_id: bytes, market: int) -> None:
        order = self._order(account, which)
        if which == -1:
            self._sign(account, c.CancelOrder, market=PUNKS, client_id=client_id)
        elif which == -2:
            self._sign(account, c.CancelAll, market=market)
        elif order:
            self._sign(account, c.CancelOrder, market=order[2], order=order[0])

    @rule(account=accounts, market=markets, side=sides, size=lots, offset=offsets, above=booleans,
          at_market=booleans, reduce_only=booleans, group=st.integers(0, 2),
          replaces=st.integers(0, 9))  # fmt: skip
    def place_trigger(
        self, account: int, market: int, side: int, size: int, offset: int, above: bool, at_market: bool,
        reduce_only: bool, group: int, replaces: int,
    ) -> None:  # fmt: skip
        price = self._price(market, offset)
        self._sign(
            account, c.PlaceTrigger, market=market, side=side, lots=self._lots(market, size), above=above,
            trigger_price=price, price=0 if at_market else price, reduce_only=reduce_only, group=group,
            replaces=replaces if replaces < 4 else 0,
        )  # fmt: skip

    @rule(account=accounts, market=markets, side=sides, size=lots, offset=offsets, tif=st.integers(0, 3),
          whole=booleans, parent=st.integers(-1, 2), client_id=client_ids)  # fmt: skip
    def place_bracket(
        self, account: int, market: int, side: int, size: int, offset: int, tif: int, whole: bool,
        parent: int, client_id: bytes,
    ) -> None:  # fmt: skip
        """An entry with a trigger on either side of it."""
        number = self.account(account)
        said = {"account": number, "signer": self.owners.get(number, b"nobody"), "nonce": self.world.nonce()}
        price, size = self._price(market, offset), self._lots(market, size)
        entry = c.PlaceOrder(market=market, side=side, lots=size, price=price, tif=tif, **said)
        exits = [
            c.PlaceTrigger(
                market=market, side=-side, lots=size, trigger_price=self._price(market, near), above=above,
                group=3, after_step=parent, whole_position=whole, client_id=client_id if above else b"",
                **said,
            )
            for near, above in ((offset + 20, True), (offset - 20, False))
        ]  # fmt: skip
        self._apply(c.Bundle(steps=(entry, *exits), **said))

    @rule(account=accounts, market=markets, side=sides, size=lots, minutes=st.sampled_from((0, 1, 7, 90)),
          reduce_only=booleans)  # fmt: skip
    def place_twap(
        self, account: int, market: int, side: int, size: int, minutes: int, reduce_only: bool
    ) -> None:
        self._sign(
            account, c.PlaceTwap, market=market, side=side, lots=self._lots(market, size),
            duration=minutes * MINUTE_NS, reduce_only=reduce_only,
        )  # fmt: skip

    @rule(account=accounts, number=st.integers(0, 12), seconds=st.sampled_from((0, 3, 60)))
    def cancel_waiting(self, account: int, number: int, seconds: int) -> None:
        self._sign(account, c.CancelTrigger, trigger=number)
        self._sign(account, c.CancelTwap, twap=number)
        self._sign(account, c.ScheduleCancel, at=seconds and self.world.now + seconds * SECOND_NS)

    # ---- money -------------------------------------------------------------------------------

    @rule(account=accounts, to=accounts, asset=st.integers(0, 1),
          share=st.sampled_from((1, 50, 90, 100, 101)), market=markets,
          kind=st.sampled_from((c.Withdraw, c.Transfer, c.Deposit, c.SetLeverage)))  # fmt: skip
    def move_money(self, account: int, to: int, asset: int, share: int, kind: type, market: int) -> None:
        amount = self.world.state.kernel.cash(self.account(account), asset) * share // 100
        if kind is c.Withdraw:
            self._sign(account, c.Withdraw, asset=asset, amount=amount)
        elif kind is c.Transfer:
            self._sign(account, c.Transfer, to=self.account(to), asset=asset, amount=amount)
        elif kind is c.Deposit:
            self._deposit(self.account(account), asset, share * (10**8, 200 * 10**6)[asset])
        else:
            self._sign(account, c.SetLeverage, market=market, leverage=share // 10)

    # ---- the world ---------------------------------------------------------------------------

    @rule(step=st.sampled_from(STEPS), silent=st.sampled_from((None,) * 5 + (PUNKS, APES, ETH_USD)))
    def tick(self, step: int, silent: int | None) -> None:
        self.world.now += step
        if silent is None:
            self._asset(self.world.state.asset_prices[1])
        self._publish(market for market in range(3) if market != silent)
        self._tick()

    @rule(step=st.sampled_from(STEPS[1:3]), times=st.integers(3, 12))
    def ticks(self, step: int, times: int) -> None:
        """Time goes on quietly: rounds, offers, slices, samples."""
        for _ in range(times):
            self.tick(step, None)

    @rule(market=markets, permille=st.sampled_from((-600, -250, -120, -60, -60, 60, 60, 120, 250, 600)),
          minutes=st.sampled_from((0, 5, 15, 30)))  # fmt: skip
    def move(self, market: int, permille: int, minutes: int) -> None:
        """The world's price moves; if the clock stands still a while, the index follows in one step."""
        moved = self.raw[market] * (1_000 + permille) // 1_000
        self.raw[market] = clamp(moved, 10, 10 * START_PRICES[market])
        self.tick(SECOND_NS, None)
        if minutes:
            self.tick(minutes * MINUTE_NS, None)

    @rule(step=st.sampled_from((2 * MINUTE_NS, 2 * MINUTE_NS, 20 * MINUTE_NS, 13 * HOUR_NS)))
    def silence(self, step: int) -> None:
        self.world.now += step
        self._tick()

    @rule(permille=st.sampled_from((-50, -10, 0, 10, 50)))
    def dollar(self, permille: int) -> None:
        self._asset(USDC_PRICE * (1_000 + permille) // 1_000)

    # ---- the operator ------------------------------------------------------------------------

    @rule(market=markets, action=st.sampled_from(ACTIONS), parameter=st.sampled_from(MARKET_PARAMETERS),
          at=st.integers(-1, 11), account=accounts, limit=st.sampled_from((0, 10**11, 10**13, 2**57)),
          which=st.integers(0, 3))  # fmt: skip
    def operate(
        self, market: int, action: str, parameter: Any, at: int, account: int, limit: int, which: int
    ) -> None:
        if which == 0:
            self._operate(c.SetStatus, market=market, action=action)
        elif which == 1:
            self._operate(c.RaiseLimit, account=self.account(account), market=market, limit=limit)
        else:
            value = parameter.low + (parameter.high - parameter.low) * at // 10
            self._operate(c.SetParameter, market=market, key=parameter.key, value=value)

    # ---- nonsense ----------------------------------------------------------------------------

    @rule(which=st.integers(0, 16), account=accounts, one=wild, two=wild, three=wild, four=wild, five=wild,
          name=st.sampled_from(("PUNKS", "", "a b", "NEW", "x" * 40)), client_id=client_ids)  # fmt: skip
    def nonsense(
        self, which: int, account: int, one: int, two: int, three: int, four: int, five: int, name: str,
        client_id: bytes,
    ) -> None:  # fmt: skip
        """Any number anywhere."""
        sign, operate = partial(self._sign, account), self._operate
        template = ("nft", "eth-usd", "none")[which % 3]
        (
            lambda: self._sign(one, c.PlaceOrder, market=two, side=three, lots=four, price=five),
            lambda: sign(c.PlaceOrder, market=0, side=1, lots=one, price=two, tif=three, expires=four),
            lambda: sign(c.PlaceOrder, market=one, side=two, lots=three, tif=four, client_id=client_id),
            lambda: sign(c.ModifyOrder, market=one, order=two, price=three, lots=four, client_id=client_id),
            lambda: sign(c.CancelOrder, market=one, order=two, client_id=client_id),
            lambda: sign(c.PlaceTrigger, market=one, side=1, lots=two, trigger_price=three, above=True,
                         price=four, group=five),
            lambda: sign(c.PlaceTwap, market=one, side=-1, lots=two, duration=three),
            lambda: sign(c.Withdraw, asset=one, amount=two),
            lambda: sign(c.Transfer, to=one, asset=two, amount=three),
            lambda: sign(c.SetLeverage, market=one, leverage=two),
            lambda: sign(c.ScheduleCancel, at=one),
            lambda: sign(c.ApproveAgent, agent=b"other", until=one),
            lambda: self._apply(c.Deposit(account=one, asset=two, amount=three, reference=client_id)),
            lambda: self._apply(c.PublishVenue(market=one, venue=two, floor=three, top_bid=four,
                                               sequence=five, observed=one)),
            lambda: self._apply(c.PublishAsset(asset=one, price_e12=two, sequence=three, observed=four)),
            lambda: operate(c.ListMarket, name=name, template=template, asset=one, size_decimals=two,
                            price_decimals=three, price_max=four, lots_max=five, lots_min=one,
                            first_price=two),
            lambda: operate(c.SetParameter, market=one, key="attack_cost", value=two),
        )[which]()  # fmt: skip

    @rule(which=st.integers(0, 3), account=accounts, nonce=wild, valid_until=wild, is_near=booleans,
          signer=st.sampled_from((b"", b"agent", b"thief", b"owner 0", OPERATOR)))  # fmt: skip
    def wrong_speaker(
        self, which: int, account: int, nonce: int, valid_until: int, is_near: bool, signer: bytes
    ) -> None:
        known = self.account(account)
        if is_near:
            nonce = self.world.now // 10**6 + clamp(nonce, -(10**9), 10**9)
        said = {"account": known, "signer": signer, "valid_until": valid_until, "nonce": nonce}
        self._apply(
            (
                c.CancelAll(**said),
                c.Withdraw(asset=0, amount=1, **said),
                c.RaiseLimit(account=known, market=nonce, limit=1, signer=signer, nonce=nonce),
                c.SetStatus(market=0, action="resume", signer=signer, nonce=nonce),
            )[which]
        )

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        self.world.assert_it_replays()
        plain = Engine()
        plain.state.kernel = ReferenceKernel()
        for stamped in self.world.log:
            plain.apply(*stamped)
        assert plain.state_hash() == self.world.engine.state_hash()

    # ---- how to say it -----------------------------------------------------------------------

    def _apply(self, command: c.AnyCommand) -> list[Any]:
        events = self.world.apply(command)
        self.seen.update(type(event).__name__ for event in events)
        return events

    def _sign(self, account: int, kind: Any, **fields: Any) -> bool:
        """Say it for an account, by its place in the list or as it is; return whether it was refused."""
        number = self.account(account) if 0 <= account < 8 else account
        signer = self.owners.get(number, b"nobody")
        events = self._apply(kind(account=number, signer=signer, nonce=self.world.nonce(), **fields))
        return bool(events) and type(events[0]).__name__ == "Rejected"

    def _operate(self, kind: Any, **fields: Any) -> None:
        self._apply(kind(signer=OPERATOR, nonce=self.world.nonce(), **fields))

    def _open(self, owner: bytes, cash: int) -> None:
        self._apply(c.OpenAccount(owner=owner))
        account = len(self.world.state.owner_of) - 1
        self.owners[account] = owner
        self._deposit(account, 0, cash * 10**9)
        self._deposit(account, 1, cash * 1_000 * 10**6)

    def account(self, place: int) -> int:
        known = list(self.owners)
        return known[place % len(known)]

    def _deposit(self, account: int, asset: int, amount: int) -> None:
        reference = b"deposit %d" % self.world.number()
        self._apply(c.Deposit(account=account, asset=asset, amount=amount, reference=reference))

    def _list(self, name: str, template: str, price: int, **terms: int) -> None:
        self._operate(
            c.ListMarket, name=name, template=template, first_price=price, price_max=20 * price, lots_min=1,
            lots_max=10**6, volume_30d=5_000 * 10**9, floor=10**10, unique_owners=3_500, **terms,
        )  # fmt: skip

    def _publish(self, live: Any) -> None:
        for market in live:
            price, number = self.raw[market], self.world.number()
            bid = price if market == ETH_USD else price - price // 100
            self._apply(
                c.PublishVenue(
                    market=market, venue=0, floor=price, top_bid=bid, sequence=number, observed=self.world.now
                )
            )

    def _asset(self, price: int) -> None:
        number = self.world.number()
        self._apply(c.PublishAsset(asset=1, price_e12=price, sequence=number, observed=self.world.now))

    def _tick(self) -> None:
        self._apply(c.Tick())

    def _price(self, market: int, offset: int) -> int:
        mark = self.world.state.markets[market].mark or START_PRICES[market]
        return max(1, mark * (1_000 + offset) // 1_000)

    def _lots(self, market: int, size: int) -> int:
        return size * 100 if market == ETH_USD else size

    def _order(self, account: int, which: int) -> tuple[int, ...] | None:
        found = self.world.state.kernel.open_orders(self.account(account))
        return found[which % len(found)] if found else None
