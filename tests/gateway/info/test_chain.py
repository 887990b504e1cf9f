"""What /info says of the chain, with one and without."""

import pytest

from floorbook.gateway.accounts import to_hex
from floorbook.gateway.gateway import Gateway
from tests.core.engine.world import World
from tests.gateway.info.conftest import TAKER
from tests.gateway.info.still import ask
from tests.gateway.paper_chain import TERMS, WINDOW_MS, PaperChain, address

NOBODY = "0x" + "ab" * 20


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
    assert told["terms"]["contracts"]["vault"] == address(1)
    assert told["terms"]["windowMs"] == WINDOW_MS
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


def test_terms_name_what_the_page_needs() -> None:
    assert {"vault", "settlement", "withdrawals", "forcedExit"} <= set(TERMS.contracts)
