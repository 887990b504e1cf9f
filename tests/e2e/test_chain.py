"""Money and tokens by contracts, from the page: in, traded with, pledged, out again, and verified."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from floorbook.chain.rpc import Rpc
from floorbook.demo.own_chain import why_not
from floorbook.sdk import Client, new_key
from tests.e2e.browser_wallet import RDNS
from tests.e2e.conftest import NewScreen
from tests.e2e.on_chain import (
    CHAIN_MS,
    LENT_ETH,
    ChainWallet,
    Place,
    deposit,
    first_token,
    on_chain,
    prove,
    take_gifts,
)
from tests.e2e.screen import Screen
from tests.e2e.steps import TOKEN_AGE_MINUTES, fill_book
from tests.e2e.views import (
    CHECKS,
    CONTRAST,
    DESK,
    PHONE,
    TOO_SMALL,
    TOO_WIDE,
    faults_of,
    must_be_none,
    picture,
    settle,
)
from tests.gateway.live import Venue


@pytest.fixture(scope="module")
def place(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An exchange on a chain; skipped, with the reason, where there can be none."""
    directory = tmp_path_factory.mktemp("chain")
    if reason := why_not(directory):
        pytest.skip(reason)
    with on_chain(directory) as running:
        with Client(running.venue.url, running.maker) as maker:
            fill_book(maker)
            maker.enter("lending", LENT_ETH)
        yield running


@pytest.fixture(scope="module")
def venue(place: Place) -> Venue:
    return place.venue


@pytest.fixture
def visitor(new_screen: NewScreen) -> Screen:
    """Somebody with a demo key, and the faucet's gifts in his wallet."""
    screen = new_screen()
    screen.open()
    screen["connect"].click()
    screen["connect-demo"].click()
    take_gifts(screen)
    return screen


def test_a_visitors_way_from_the_wallet_and_back(visitor: Screen, place: Place) -> None:
    deposit(visitor, "ETH", "8")
    visitor.shows("equity", "8.0000")
    visitor.shows("onchain-ETH", "11.99")
    deposit(visitor, "USDC", "1000.5")
    token = first_token(visitor)
    deposit(visitor, f"token-{token}")
    expect(visitor["onchain-tokens"].get_by_role("listitem")).to_have_count(2)

    visitor.open()
    visitor.order("buy", "0.4")
    visitor.shows("fill-announcer", "Bought 0.4 PUNKS")

    place.pass_time(minutes=TOKEN_AGE_MINUTES)
    visitor.open("collateral")
    visitor[f"pledge-{token}"].click()
    expect(visitor[f"release-{token}"]).to_be_visible()
    visitor[f"release-{token}"].click()
    visitor[f"withdraw-{token}"].click()
    visitor.hears("On its way to your wallet.")

    visitor.open("portfolio")
    visitor["withdraw-amount"].fill("1.25")
    visitor["withdraw-submit"].click()
    visitor.hears("Debited: it is on its way.")
    expect(visitor["on-the-way"].locator("[data-stage]").last).to_contain_text("In batch", timeout=CHAIN_MS)
    expect(visitor.rows("paid")).to_have_count(2, timeout=CHAIN_MS)
    visitor.shows("paid", token.replace("-", " "))
    visitor.shows("paid", "1.2500 ETH")
    visitor.shows("onchain-ETH", "13.24")
    expect(visitor["onchain-tokens"].get_by_role("listitem")).to_have_count(3)
    expect(visitor["on-the-way"].locator("[data-stage]")).to_have_count(0, timeout=CHAIN_MS)


def test_a_balance_is_proved_step_by_step(visitor: Screen, place: Place, tmp_path: Path) -> None:
    deposit(visitor, "ETH", "3.5")
    prove(visitor)
    visitor.shows("verify-verdict", "Proved")
    visitor.shows("verify-step-1", "3.5000 ETH")
    visitor.shows("verify-step-2", "end at the batch's root")
    visitor.shows("verify-step-3", "2 of 3 operators signed")
    visitor.shows("verify-step-4", "Asked through the exchange's node")
    visitor.shows("verify-step-5", "ever came into the vault")
    visitor.shows("reserves", "Everything is covered")
    with visitor.page.expect_download() as kept:
        visitor["proof-download"].click()
    kept.value.save_as(tmp_path / "proof.json")
    proof = json.loads((tmp_path / "proof.json").read_text())
    assert proof["settlement"] == place.chain.deployment.contracts["Settlement"]


DIALOGS = (
    ("portfolio", "deposit-ETH", "deposit-dialog"),
    ("verify", "forced-open", "forced-dialog"),
)
FORGERIES = {
    "lanes": (2, "another root"),
    "siblings": (2, "another length"),
    "signatures": (3, "0 of 3 operators signed"),
    "time": (3, "0 of 3 operators signed"),
    "owner": (1, "not of your address"),
}


def test_false_proofs_are_found(visitor: Screen, place: Place) -> None:
    deposit(visitor, "ETH", "2")
    wanted = [""]

    def forge(route: Route) -> None:
        answer = route.fetch()
        told = answer.json()
        if json.loads(route.request.post_data or "{}").get("type") == "accountProof" and told["proof"]:
            falsify(told["proof"], wanted[0])
        route.fulfill(response=answer, json=told)

    visitor.page.route("**/info", forge)
    for wanted[0], (step, said) in FORGERIES.items():
        prove(visitor)
        visitor.shows("verify-verdict", "This does not add up.")
        expect(visitor[f"verify-step-{step}"]).to_have_attribute("data-step", "failed")
        visitor.shows(f"verify-step-{step}", said)
        expect(visitor[f"verify-step-{step + 1}"]).to_have_count(0)


def falsify(proof: dict[str, Any], member: str) -> None:
    """Change one thing, as an exchange that cheats would."""
    match member:
        case "lanes":
            proof["leaf"]["lanes"][0] = str(int(proof["leaf"]["lanes"][0]) + 1)
        case "owner":
            proof["leaf"]["owner"] = "0x" + "ab" * 20
        case "siblings":
            proof["siblings"].pop()
        case "signatures":
            proof["signatures"] = ["0x" + "11" * 65]
        case "time":
            proof["batch"]["time"] = str(int(proof["batch"]["time"]) + 1)


def test_a_browser_wallet_learns_the_chain_and_asks_its_own_node(new_screen: NewScreen, place: Place) -> None:
    screen = new_screen()
    wallet = ChainWallet(screen.page, new_key(), place.chain.anvil.url)
    screen.open()
    screen["connect"].click()
    screen[f"connect-{RDNS}"].click()
    take_gifts(screen)

    wallet.declines = True
    screen["deposit-USDC"].click()
    screen["deposit-amount"].fill("12.5")
    screen["deposit-send"].click()
    screen.hears("You declined in the wallet.")
    wallet.declines = False
    screen["deposit-send"].click()
    expect(screen["deposit-credited"]).to_have_attribute("data-step", "done", timeout=CHAIN_MS)
    screen["deposit-close"].click()
    screen.shows("cash-USDC", "12.50")
    (added,) = wallet.added
    assert (added["chainId"], added["rpcUrls"]) == ("0x7a69", [f"{place.venue.url}/rpc"])
    known = place.chain.deployment.contracts
    assert wallet.sent == [known["Usdc"], known["Vault"]]
    with Rpc(place.chain.anvil.url) as rpc:
        left = rpc.eth_call(bytes.fromhex(known["Usdc"][2:]), allowance(wallet.address, known["Vault"]))
    assert int.from_bytes(left) == 0  # exactly what was deposited was approved

    prove(screen)
    screen.shows("verify-verdict", "Proved")
    screen.shows("verify-step-4", "Asked through your wallet's node")


def allowance(owner: str, spender: str) -> bytes:
    return bytes.fromhex("dd62ed3e" + owner[2:].rjust(64, "0") + spender[2:].rjust(64, "0"))


def test_an_exit_is_demanded_by_contract_and_served(visitor: Screen, place: Place) -> None:
    deposit(visitor, "ETH", "4")
    prove(visitor)
    visitor["forced-open"].click()
    visitor.shows("forced-dialog", "closes all your positions")
    visitor["forced-amount"].fill("4")
    visitor["forced-send"].click()
    visitor.hears("The contract has your demand.")
    demand = visitor["forced-exit"].get_by_text(re.compile(r"Demand \d+ of 4.0000.ETH"))
    expect(demand).to_contain_text("was served", timeout=CHAIN_MS)
    visitor["forced-bond"].click()
    visitor.hears("The bond is in your wallet.")
    visitor.open("portfolio")
    expect(visitor["paid"]).to_contain_text(re.compile("4.0000.ETH"), timeout=CHAIN_MS)


def test_trouble_with_the_node_is_said_and_passes(new_screen: NewScreen, place: Place) -> None:
    screen = new_screen()
    screen.open()
    with place.without_node():
        expect(screen["chain-banner"]).to_contain_text("does not answer", timeout=CHAIN_MS)
        screen.shows("connection", "Live")  # trading goes on
    expect(screen["chain-banner"]).to_have_count(0, timeout=CHAIN_MS)


def test_the_chains_views_at_both_widths(
    visitor: Screen, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    folder: Path = pytestconfig.getoption("screenshots") or tmp_path
    deposit(visitor, "ETH", "6")
    deposit(visitor, f"token-{first_token(visitor)}")
    visitor["withdraw-amount"].fill("1")
    visitor["withdraw-submit"].click()
    expect(visitor["on-the-way"].locator("[data-stage]")).to_have_count(1)
    faults: dict[str, list[str]] = {}
    for theme in ("dark", "light"):
        prove(visitor)
        for view in ("verify", "portfolio"):
            visitor["nav-" + view].click()
            for width, size in (("desk", DESK), ("phone", PHONE)):
                visitor.page.set_viewport_size(size)
                visitor.page.mouse.move(0, 0)
                settle(visitor)
                name = f"chain-{view}-{width}-{theme}"
                checks = (CHECKS, CONTRAST, TOO_WIDE) + ((TOO_SMALL,) if size is PHONE else ())
                faults[name] = faults_of(visitor, *checks)
                picture(visitor, folder, name)
            visitor.page.set_viewport_size(DESK)
        for view, control, dialog in DIALOGS:
            visitor["nav-" + view].click()
            visitor[control].click()
            expect(visitor[dialog]).to_be_visible()
            faults[f"{dialog}-{theme}"] = faults_of(visitor, CHECKS, CONTRAST)
            picture(visitor, folder, f"{dialog}-{theme}")
            visitor.page.keyboard.press("Escape")
            expect(visitor[dialog]).to_have_count(0)
        visitor["theme"].click()
    must_be_none(faults)
