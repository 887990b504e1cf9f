"""What /info says of the chain, with one and without."""

import pytest

from floorbook.core.commands import CreditDeposit, OpenSettlement, Withdraw
from floorbook.gateway.accounts import to_hex
from floorbook.gateway.chain_view import Trail
from floorbook.gateway.gateway import Gateway
from floorbook.units import ETH
from tests.core.engine.world import ETHER, World
from tests.gateway.info.conftest import MAKER, TAKER
from tests.gateway.info.still import ask
from tests.gateway.paper_chain import TERMS, WINDOW_MS, PaperChain, address

NOBODY = "0x" + "ab" * 20
VAULT = bytes.fromhex(address(1)[2:])


@pytest.fixture
def paper(gateway: Gateway) -> PaperChain:
    gateway.chain = paper = PaperChain()
    return paper


def test_without_a_chain_there_is_nothing_to_prove(gateway: Gateway, taker: int) -> None:
    assert ask(gateway, type="chain") is None
    told = ask(gateway, type="accountProof", user=to_hex(TAKER))
    assert told["proof"] is None
    assert "no chain" in told["reason"]


def test_contracts_and_terms_are_told(gateway: Gateway, paper: PaperChain) -> None:
    told = ask(gateway, type="chain")
    assert told["terms"]["contracts"]["Vault"] == address(1)
    assert told["terms"]["confirmations"] == 3
    assert told["terms"]["assets"][1] == {
        "name": "USDC", "number": 1, "token": address(10), "unit": "1", "decimals": 6,
    }  # fmt: skip
    assert (told["latest"], told["final"]) == (None, None)
    assert told["adapter"] == {"state": "running", "text": "In step.", "block": 7, "depositSequence": 0}


def test_a_batch_is_final_when_its_window_has_passed(
    world: World, gateway: Gateway, paper: PaperChain
) -> None:
    now = world.state.now // 10**6
    paper.post(now - 2 * WINDOW_MS)
    paper.post(now - WINDOW_MS)
    paper.post(now - WINDOW_MS, is_vetoed=True)
    paper.post(now - WINDOW_MS + 1)
    told = ask(gateway, type="chain")
    assert told["latest"]["number"] == 4
    assert told["final"]["number"] == 2


def test_the_proof_file_of_an_account(gateway: Gateway, paper: PaperChain, taker: int) -> None:
    paper.proofs[taker] = {"schema": 1, "account": taker}
    told = ask(gateway, type="accountProof", user=to_hex(TAKER))
    assert told == {"proof": {"schema": 1, "account": taker}, "reason": ""}


def test_an_account_without_a_proof_is_told_why(gateway: Gateway, paper: PaperChain, taker: int) -> None:
    assert "No final batch" in ask(gateway, type="accountProof", user=to_hex(TAKER))["reason"]
    assert "no account" in ask(gateway, type="accountProof", user=NOBODY)["reason"]


# ---- withdrawals on their way ----------------------------------------------------------------------


@pytest.fixture
def owed(world: World, maker: int, taker: int) -> None:
    """The taker has taken out an ETH, then another."""
    world.does(world.operated(OpenSettlement, chain_id=31_337, vault=VAULT))
    for asset, missing in enumerate(list(world.state.settlement.backing)):
        world.does(CreditDeposit(sequence=asset + 1, owner=VAULT, asset=asset, amount=missing))
    for _ in range(2):
        world.does(world.signed(Withdraw, taker, asset=ETH, amount=ETHER))


def stages(gateway: Gateway) -> list[tuple[int, str, int | None]]:
    told = ask(gateway, type="payouts", user=to_hex(TAKER))
    return [(each["number"], each["stage"], each["batch"]) for each in told]


@pytest.mark.usefixtures("owed")
def test_a_withdrawal_is_followed_from_the_debit_to_the_payment(
    world: World, gateway: Gateway, paper: PaperChain
) -> None:
    now = world.state.now // 10**6
    assert stages(gateway) == [(1, "debited", None), (2, "debited", None)]
    paper.post(now - WINDOW_MS, payout_number=1)
    assert stages(gateway) == [(1, "final", 1), (2, "debited", None)]
    paper.post(now, payout_number=2, is_vetoed=True)
    assert stages(gateway) == [(1, "final", 1), (2, "debited", None)]
    posted = paper.post(now, payout_number=2)
    assert stages(gateway) == [(1, "final", 1), (2, "posted", 3)]
    assert ask(gateway, type="payouts", user=to_hex(TAKER))[1]["finalAt"] == posted.final_at
    paper.trails[1] = Trail(ready_at=now + 7)
    paper.trails[2] = Trail(transaction="0xab", note="")
    assert stages(gateway) == [(1, "delayed", 1), (2, "paid", 3)]


@pytest.mark.usefixtures("owed")
def test_a_withdrawal_says_what_it_is(gateway: Gateway, paper: PaperChain) -> None:
    paper.trails[1] = Trail(note="The vault pays at most 500 ETH an hour.")
    first = ask(gateway, type="payouts", user=to_hex(TAKER))[0]
    assert (first["kind"], first["asset"], first["amount"]) == ("money", "ETH", "1")
    assert (first["collection"], first["token"], first["transaction"]) == (None, None, None)
    assert first["note"] == "The vault pays at most 500 ETH an hour."


@pytest.mark.usefixtures("owed")
def test_nobody_is_told_anothers_withdrawals(gateway: Gateway, paper: PaperChain) -> None:
    assert ask(gateway, type="payouts", user=to_hex(MAKER)) == []
    assert ask(gateway, type="payouts", user=NOBODY) == []


def test_terms_name_what_the_page_needs() -> None:
    assert {"Vault", "Settlement", "Withdrawals", "ForcedExit"} <= set(TERMS.contracts)
