"""Random lives of a vault: shares are conserved, and nobody makes money out of coming and going."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from floorbook.core.engine import vaults
from floorbook.core.rules import vault as rule
from floorbook.core.rules.vault import INSURANCE, LENDING
from floorbook.units import ETH
from tests.core.engine.banking import HOUR, Bank
from tests.core.engine.world import ETHER

ATTACKER, HONEST = 0, 1
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["enter", "enter", "exit", "gift", "foresee", "release"]),
        st.sampled_from([ATTACKER, HONEST]),
        st.integers(10**6, 50 * ETHER),
    ),
    max_size=12,
)


class Life:
    """A vault of two members; the second implementation keeps exact fractions of what each would own."""

    def __init__(self, number: int) -> None:
        self.bank = Bank()
        self.number = number
        self.members = [self.bank.open_account(b"%d" % who, eth=10_000) for who in (ATTACKER, HONEST)]
        self.paid, self.got, self.gifts = [0, 0], [0, 0], 0
        self.vault = self.bank.state.vaults[number]

    def step(self, kind: str, who: int, amount: int) -> None:
        account = self.members[who]
        if kind == "enter":
            self.bank.does(self.bank.entry(account, amount, self.number))
            self.paid[who] += amount
        elif kind == "exit":
            self.leave(who, max(1, self.vault.balances.get(account, 0) * amount // (50 * ETHER)))
        elif kind == "gift":
            self.bank.fund(self.vault.account, ETH, amount)
            self.gifts += amount
        else:
            cash = self.bank.cash(self.vault.account)
            self.vault.provision = amount * cash // (100 * ETHER) if kind == "foresee" else 0

    def leave(self, who: int, shares: int) -> None:
        account = self.members[who]
        if not self.vault.balances.get(account):
            return
        asked = min(shares, self.vault.balances[account])
        self.bank.does(self.bank.request(account, asked, self.number))
        self.bank.wait(48 * HOUR)
        before = self.bank.cash(account)
        exact = Fraction(asked * (vaults.exit_assets(self.bank.state, self.number) + 1))
        exact /= self.vault.shares + 10**6
        if self.bank.apply(self.bank.exit(account, self.number)):
            taken = self.bank.cash(account) - before
            assert taken <= exact
            self.got[who] += taken

    def worth(self, who: int) -> int:
        held = self.vault.balances.get(self.members[who], 0)
        cash = self.bank.cash(self.vault.account)
        return rule.worth(held, cash, self.vault.shares)


@settings(max_examples=40, deadline=None)
@given(STEPS, st.sampled_from([LENDING, INSURANCE]))
def test_members_together_take_out_no_more_than_came_in(
    steps: list[tuple[str, int, int]], number: int
) -> None:
    life = Life(number)
    for kind, who, amount in steps:
        life.step(kind, who, amount)
        assert sum(life.vault.balances.values()) == life.vault.shares
    life.bank.checks()
    kept = life.worth(ATTACKER) + life.worth(HONEST)
    assert sum(life.got) + kept <= sum(life.paid) + life.gifts


@settings(max_examples=40, deadline=None)
@given(STEPS, st.sampled_from([LENDING, INSURANCE]))
def test_an_attacker_who_gives_and_foresees_nothing_wins_only_what_others_leave(
    steps: list[tuple[str, int, int]], number: int
) -> None:
    """Only leaving while a loss is foreseen that never comes is a gift to the stayers; nothing else pays."""
    life = Life(number)
    forgone = 0
    for kind, who, amount in steps:
        if kind == "exit" and who == HONEST:
            forgone += life.vault.provision  # at most that is left behind
        life.step(kind, who, amount)
    profit = life.got[ATTACKER] + life.worth(ATTACKER) - life.paid[ATTACKER] - life.gifts
    rounding = len(steps) * (1 + life.gifts // 10**6)  # a share's price, up to what gifts made of it
    assert profit <= forgone + rounding
