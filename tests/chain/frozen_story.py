"""Six moments in the life of an exchange at which it is frozen, and what everybody has in the end.

After each exit the chain and the engine's clock go back, and the exchange goes on as if nothing had happened.
`python -m tests.chain.frozen_run` tells the fifth.
"""

from collections.abc import Callable, Iterator
from typing import Any

from floorbook.chain import record
from floorbook.chain.abi import Said, explain, load
from floorbook.chain.exit import STEPS_MAX
from floorbook.chain.freezing import leaf_of
from floorbook.chain.frozen import FrozenBook, Market, settled_price
from floorbook.chain.rpc import Rpc, word
from floorbook.chain.transactions import Call
from floorbook.core import commands as c
from floorbook.core.engine.commitments import NOTHING, SYSTEM, AccountClaim, account_commitments
from floorbook.core.settlement import MONEY
from floorbook.errors import RpcRefused
from floorbook.units import ASSETS, ETH, USDC
from tests.chain.frozen_world import (
    DAY_S,
    HOUR_S,
    INDEX_REPORT,
    SERVE_S,
    Exit,
    FrozenWorld,
    deployed,
)
from tests.core.engine.world import DOLLAR, ETH_USD, ETH_USD_PRICE, ETHER, ONE, PUNKS

CLAIM_DAY_S = 8 * DAY_S  # after the freeze
REPAYS = ("payer",)
ABSENT = {"at first": ("long", "short", "hedger"), "late": ("dealer", "dollar", "leaver", "long", "short")}
WITH_FUNDS = ("in profit", "after a crash")  # somebody registers the exchange's own accounts
SOLD = 3  # the defaulter's token
FLOOR = 70 * ETHER


class Audit:
    """Follows what the contract says and does the same with the second implementation."""

    def __init__(self, exit_: Exit, frozen_at: int) -> None:
        self.frozen_at = frozen_at
        claims, moves = exit_.commitment.claims, exit_.moves
        self.markets = {}
        for number, asset, mark, unit in exit_.commitment.marks:
            median = mark * (100 + moves[number]) // 100 if number in moves else 0
            self.markets[number] = Market(asset, unit, mark, settled_price(mark, median))
        self.book = FrozenBook([leaf_of(claim) for claim in claims], self.markets)
        self.surplus = [0] * len(claims)
        self.claimed: dict[tuple[int, int], int] = {}  # (account, asset)
        self.repaid: dict[tuple[int, int], int] = {}

    def follow(self, world: FrozenWorld) -> None:
        """Check every event of FrozenExit, to the atom."""
        where = world.contracts.frozen_exit
        logs = record.logs(world.rpc, world.contracts.first, world.rpc.block_number(), [where])
        grouped: dict[bytes, list[Said]] = {}
        for said in load("FrozenExit").events(logs):
            grouped.setdefault(said.log.transaction, []).append(said)
        for told in grouped.values():
            self._follow_transaction(world, told)

    def _follow_transaction(self, world: FrozenWorld, told: list[Said]) -> None:
        repaid = 0
        paid: dict[int, list[int]] = {}
        for said in told:
            account, fields = said.fields.get("account", -1), said.fields
            if said.name == "Registered":
                self.book.register(account, late=fields["late"])
            elif said.name == "SaleStarted":
                self.book.repay(account, ETH, 0, self._time(world, said))  # interest until then is owed now
            elif said.name == "Repaid":
                repaid = self._repay(world, account, said)
            elif said.name == "Sold":
                self.surplus[account] += fields["price"] - repaid
            elif said.name == "Claimed":
                paid.setdefault(account, [0] * ASSETS)[fields["asset"]] += fields["amount"]
        for account, amounts in paid.items():
            self._claim(account, amounts)

    def _repay(self, world: FrozenWorld, account: int, said: Said) -> int:
        asset, amount = said.fields["asset"], said.fields["amount"]
        assert self.book.repay(account, asset, amount, self._time(world, said)) == amount
        assert self.book.owes[account][asset] == said.fields["left"]
        self.repaid[account, asset] = self.repaid.get((account, asset), 0) + amount
        return int(amount)

    def _time(self, world: FrozenWorld, said: Said) -> int:
        """Return when something happened [s after the freeze]."""
        header = world.rpc.header(said.log.block)
        assert header is not None
        return header.time - self.frozen_at

    def _claim(self, account: int, amounts: list[int]) -> None:
        due = list(self.book.claim(account))
        due[ETH] += self.surplus[account]
        self.surplus[account] = 0
        assert amounts == due
        for asset, amount in enumerate(amounts):
            self.claimed[account, asset] = self.claimed.get((account, asset), 0) + amount


class Ended:
    """A moment's exit, when all have left: what the tests look at; amounts in atoms by asset."""

    def __init__(self, name: str, exit_: Exit, audit: Audit) -> None:
        self.name, self.exit, self.audit = name, exit_, audit
        self.claims: list[AccountClaim] = list(exit_.commitment.claims)
        self.account_of = dict(exit_.world.account_of)
        self.held_before = self.held_after = (0, 0)  # in the vault
        self.outside_all = [0] * ASSETS  # payouts and refunds out of the vault after the freeze
        self.outside: dict[bytes, list[int]] = {}  # by owner, with those that were outstanding before it
        self.outstanding = set(exit_.world.state.settlement.payouts)
        self.without = without_freeze(exit_.world, audit.markets)
        self.contract: dict[str, Any] = {}  # what it says in the end
        self.accepted: list[str] = []  # what could be done a second time
        self.debtor_refused = ""
        self.token_owners: dict[int, bytes] = {}
        self.debt_before_sale = 0

    def owner(self, name: str) -> bytes:
        return self.claims[self.account_of[name]].owner

    def numbers(self, name: str) -> list[int]:
        """Return all accounts of an owner."""
        return [claim.number for claim in self.claims if claim.owner == self.owner(name)]

    def unpaid(self, name: str) -> list[int]:
        """Return what an owner who has come owes at the settled prices and never paid, by asset."""
        owes = [self.audit.book.owes.get(one, NOTHING) for one in self.numbers(name)]
        return [sum(own[asset] for own in owes) for asset in range(ASSETS)]

    def profit(self, name: str) -> list[int]:
        """Return what an owner has more than without a freeze at the same prices, by asset."""
        owner, numbers = self.owner(name), self.numbers(name)
        outside, audit = self.outside.get(owner, [0] * ASSETS), self.audit
        return [
            outside[asset]
            + sum(audit.claimed.get((one, asset), 0) - audit.repaid.get((one, asset), 0) for one in numbers)
            - self.without[owner][asset]
            for asset in range(ASSETS)
        ]


def without_freeze(world: FrozenWorld, markets: dict[int, Market]) -> dict[bytes, list[int]]:
    """Return what every owner would have at the settled prices, by the engine, with all since the root."""
    state = world.state
    kept = [market.mark for market in state.markets]
    for number, market in markets.items():
        state.markets[number].mark = market.price
    claims = account_commitments(state)
    for market_, mark in zip(state.markets, kept, strict=True):
        market_.mark = mark
    found: dict[bytes, list[int]] = {}
    for claim in claims:
        own = found.setdefault(claim.owner, [0] * ASSETS)
        for asset in range(ASSETS):
            own[asset] += claim.claims[asset] - claim.debts[asset]
    late = [one for one in _deposits(world).values() if one["sequence"] > state.settlement.deposit_sequence]
    payouts = [(one.owner, one.kind, one.id, one.value) for one in state.settlement.payouts.values()]
    for owner, kind, identity, value in [
        *payouts, *((one["owner"], one["kind"], one["id"], one["value"]) for one in late),
    ]:  # fmt: skip
        if kind == MONEY:
            found[owner][identity] += value
    return found


# ---- the life of the exchange ------------------------------------------------------------------


def at_first(world: FrozenWorld) -> None:
    """Nobody has traded: savings, loans, pledges."""
    world.post()


def trades(world: FrozenWorld) -> None:
    """Longs and shorts, a sub-account, deposits, a payout on its way."""
    of = world.account_of
    world.opens(of["long"], 2 * ONE)
    world.opens(of["short"], -2 * ONE)
    world.opens(of["gambler"], 15)
    world.opens(of["hedger"], ONE)
    world.opens(world.sub_account("hedger", 30), -ONE)
    world.opens(of["whale"], 70 * ONE)
    world.trade(of["dollar"], of["dealer"], 3_000, ETH_USD_PRICE, ETH_USD)
    world.bring("dollar", usdc=1_000)
    world.bring("saver", token=9)
    world.withdraws("saver", ETH, 5 * ETHER)
    world.post()


def winners(world: FrozenWorld) -> None:
    """The floor has risen by 15 %, a payout was paid, another waits."""
    proof = Exit(world, {}).proof("saver")
    (owed,) = proof.payouts
    payout = (owed.payout.number, owed.payout.owner, owed.payout.kind, owed.payout.id, owed.payout.value)
    claim = (proof.batch.values(), payout, owed.index, owed.siblings)
    world.does_on_chain("saver", "Withdrawals", "claim", *claim)
    world.does(c.ConfirmPayout(number=owed.payout.number))
    world.at_price(115)
    world.mark(ETH_USD_PRICE * 104 // 100, ETH_USD)
    world.withdraws("leaver", ETH, 7 * ETHER)
    world.withdraws("dollar", USDC, 800 * DOLLAR)
    world.post()


def late_moves(world: FrozenWorld) -> None:
    """After the last final batch: a withdrawal and deposits that it does not know."""
    world.bring("saver", eth=3, usdc=40)
    world.withdraws("leaver", ETH, 20 * ETHER)
    world.post(is_final=False)
    world.bring("long", eth=6, credited=False)
    world.bring("saver", token=10, credited=False)


def crash(world: FrozenWorld) -> None:
    """The floor has fallen by a third; nobody has been liquidated yet."""
    world.at_price(64)
    world.post()


def nothing(world: FrozenWorld) -> None:
    """Nothing happens."""


Step = Callable[[FrozenWorld], None]
# name, what happens before, what between demand and freeze, what markets do afterwards, who comes late
MOMENTS: tuple[tuple[str, Step, Step, dict[int, int], tuple[str, ...]], ...] = (
    ("at first", at_first, nothing, {}, ()),
    ("after trades", trades, nothing, {PUNKS: -10, ETH_USD: -10}, ()),
    ("in profit", winners, nothing, {PUNKS: 12}, ()),
    ("in flight", nothing, late_moves, {PUNKS: -10, ETH_USD: 4}, ("short",)),
    ("after a crash", crash, nothing, {PUNKS: -40, ETH_USD: 3}, ()),
    ("late", nothing, nothing, {PUNKS: -10}, ("hedger", "second lender", "maker")),
)


def play(rpc: Rpc, only: str = "") -> Iterator[Ended]:
    """Live through all moments; yield what became of each when all have left, then go back."""
    world = FrozenWorld(rpc, deployed(rpc))
    for name, before, between, moves, late in MOMENTS:
        before(world)
        if only and name != only:
            continue
        moment, kept, dump = rpc.call("evm_snapshot"), (world.at, world.nonce), world.engine.dump()
        posted = world.number
        yield leave_all(world, name, between, moves, late)
        assert rpc.call("evm_revert", moment)
        world.forget()
        world.engine.load(dump)
        world.at, world.nonce = kept
        world.number = posted
        del world.batches[posted:]


# ---- the end -----------------------------------------------------------------------------------


def leave_all(
    world: FrozenWorld, name: str, between: Step, moves: dict[int, int], late: tuple[str, ...]
) -> Ended:
    """Freeze, wait, and let everybody leave."""
    exit_ = Exit(world, moves)
    frozen_at = freeze(exit_, between)
    audit = Audit(exit_, frozen_at)
    ended = Ended(name, exit_, audit)
    exit_.report(frozen_at)
    world.until(frozen_at + DAY_S)
    _register(ended, late)
    world.until(frozen_at + CLAIM_DAY_S)
    for each in sorted(set(world.account_of) - set(ABSENT.get(name, ()))):
        exit_.leaves(each, steps=STEPS_MAX if each in late else 1)
    _sell(ended)
    for each in ("lender", "second lender", "defaulter"):
        exit_.leaves(each, steps=1)
    _try_again(ended)
    audit.follow(world)
    _look(ended)
    return ended


def freeze(exit_: Exit, between: Step) -> int:
    """Let the saver demand his money, the operators be silent, and the saver freeze; return when."""
    world = exit_.world
    exit_.leaves("saver")
    world.pass_time(SERVE_S)
    between(world)
    exit_.held_before, exit_.frozen_block = world.held(), world.rpc.block_number() + 1
    exit_.leaves("saver")
    frozen_at = world.ask("Settlement", "frozenAt")
    assert frozen_at
    return int(frozen_at)


def _register(ended: Ended, late: tuple[str, ...]) -> None:
    world, exit_ = ended.exit.world, ended.exit
    for each in sorted(world.account_of):
        if each not in late and each not in ABSENT.get(ended.name, ()):
            exit_.leaves(each)
    for claim in ended.claims if ended.name in WITH_FUNDS else ():
        if claim.status & SYSTEM and any(claim.claims):
            exit_.brings("maker", claim.number)
    payload = load("FrozenExit").call("reclaimToken", world.account_of["defaulter"], [(0, SOLD)], 0)
    call = Call(world.contracts.frozen_exit, payload)
    ended.debtor_refused = refusal(world, world.wallets["defaulter"].address, call)
    for each in REPAYS:
        exit_.leaves(each, repay=True)


def _sell(ended: Ended) -> None:
    """Somebody has the unpaid debtor's token sold; the maker buys it after two hours."""
    world = ended.exit.world
    world.pass_time(HOUR_S)
    floor = (FLOOR,) * 6 + (10 * ETHER, 0)
    world.operator.transact(*world.reports(INDEX_REPORT, 0, floor))
    number = world.account_of["defaulter"]
    world.does_on_chain("saver", "FrozenExit", "startAuction", number, [(0, SOLD)], 0)
    ended.exit.tells("saver", f"have token {SOLD} of the defaulter sold")
    world.pass_time(2 * HOUR_S)
    ended.exit.tells("maker", f"buy token {SOLD}")
    world.does_on_chain("maker", "NftAuction", "buy", 0, 2 * FLOOR, value=2 * FLOOR * 10**9)


def _try_again(ended: Ended) -> None:
    """Whatever anybody did once is tried a second time; claims may be repeated, but pay nothing."""
    world = ended.exit.world
    claim = load("FrozenExit").function("claim").selector
    contracts = world.contracts
    closed = {contracts.frozen_exit, contracts.withdrawals, contracts.forced_exit}
    closed.add(world.deployment.address("FrozenPrices"))
    held = world.held()
    for wallet in set(world.wallets.values()):
        for call in list(wallet.done):
            if call.to == world.contracts.frozen_exit and call.data.startswith(claim):
                wallet.transact(call)
            elif call.to in closed and not refusal(world, wallet.address, call):
                ended.accepted.append(call.data.hex())
    assert world.held() == held, "a second claim was paid"


def refusal(world: FrozenWorld, sender: bytes, call: Call) -> str:
    """Return why a call would be refused; empty: it would not."""
    asked = {
        "from": word(sender), "to": word(call.to), "data": word(call.data), "value": hex(call.value),
    }  # fmt: skip
    try:
        world.rpc.call("eth_call", asked, "latest")
    except RpcRefused as refused:
        return explain(refused.data) if refused.data else str(refused)
    return ""


def _look(ended: Ended) -> None:
    world, audit = ended.exit.world, ended.audit
    ended.held_before, ended.held_after = ended.exit.held_before, world.held()
    ended.contract = {
        "paid": [world.ask("FrozenExit", "accounts", claim.number)[6] for claim in ended.claims],
        "factors": [world.ask("FrozenExit", "factors", asset) for asset in range(ASSETS)],
        "pots": [world.ask("FrozenExit", "pots", asset) for asset in range(ASSETS)],
    }
    ended.token_owners = {token: world.owner_of(token) for token in (1, 2, 3, 4)}
    contracts = world.contracts
    places = [contracts.withdrawals, contracts.frozen_exit]
    logs = record.logs(world.rpc, world.contracts.first, world.rpc.block_number(), places)
    deposits = _deposits(world)
    for name in ("Withdrawals", "FrozenExit"):
        for said in load(name).events(logs):
            fields = said.fields
            if said.name == "DepositRefunded":
                fields = deposits[fields["sequence"]]
            elif said.name != "Paid" or fields["number"] not in ended.outstanding:
                continue
            if fields["kind"] == MONEY:
                ended.outside.setdefault(fields["owner"], [0] * ASSETS)[fields["id"]] += fields["value"]
                if said.log.block >= ended.exit.frozen_block:
                    ended.outside_all[fields["id"]] += fields["value"]
    assert not any(audit.surplus)


def _deposits(world: FrozenWorld) -> dict[int, dict[str, Any]]:
    logs = record.logs(world.rpc, world.contracts.first, world.rpc.block_number(), [world.contracts.vault])
    told = [said.fields for said in load("Vault").events(logs) if said.name == "Deposited"]
    return {fields["sequence"]: fields for fields in told}
