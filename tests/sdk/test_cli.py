"""The trading commands against the real server: lines, JSON, exit codes, and a key that is never shown."""

import json
from pathlib import Path
from typing import Any

import pytest

from floorbook.cli.remote import table
from floorbook.sdk import Client, write_key
from floorbook.sdk.keyfile import new_secret
from tests.gateway.live import Venue
from tests.test_cli import floorbook

PASSWORD = "correct horse"


class Terminal:
    """A user with a funded key file and its password file."""

    def __init__(self, venue: Venue, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.url, self.capsys = venue.url, capsys
        self.file, self.password = folder / "key.json", folder / "password"
        self.password.write_text(f"{PASSWORD}\n")
        self.key = write_key(self.file, new_secret(), PASSWORD, cost=2**8)
        venue.fund(self.key.address, eth=100)

    def say(self, *words: object) -> tuple[int, str, str]:
        return floorbook(
            self.capsys, *words, "--url", self.url, "--key", self.file, "--password-file", self.password
        )  # fmt: skip

    def lines(self, *words: object) -> str:
        code, out, err = self.say(*words)
        assert (code, err) == (0, "")
        return out

    def json(self, *words: object) -> Any:
        return json.loads(self.lines(*words, "--json"))


@pytest.fixture
def terminal(venue: Venue, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(venue, tmp_path, capsys)


def test_an_order_from_the_terminal(terminal: Terminal) -> None:
    assert " resting, client id 0x" in terminal.lines("order", "buy", "0.5", "PUNKS", "--price", "29.5")
    (row,) = terminal.json("orders")
    assert (row["coin"], row["limitPx"], row["sz"]) == ("nft:PUNKS", "29.5", "0.5")
    assert "29.5" in terminal.lines("orders", "--coin", "PUNKS")
    assert terminal.lines("cancel", row["oid"]) == "1 cancelled\n"
    placed = terminal.json("order", "SELL", "0.5", "PUNKS", "--price", "31", "--tif", "post-only")
    assert terminal.lines("cancel", placed["client_id"]) == "1 cancelled\n"
    terminal.lines("order", "sell", "0.5", "PUNKS", "--stop", "25", "--reduce-only")
    assert "Price below 25" in terminal.lines("orders")
    assert terminal.lines("cancel", "--all") == "all cancelled\n"
    assert terminal.lines("orders") == "no orders\n"


def test_a_trade_and_what_is_left_of_it(terminal: Terminal, maker: Client) -> None:
    maker.place("PUNKS", "sell", "0.5", "30.1")
    assert "would" not in terminal.lines("order", "buy", "0.5", "PUNKS", "--dry-run")
    assert terminal.lines("positions") == "no positions\n"
    assert "filled, 0.5 filled at 30.1" in terminal.lines("order", "buy", "0.5", "PUNKS")
    (position,) = terminal.json("positions")
    assert (position["coin"], position["size"]) == ("nft:PUNKS", "0.5")
    assert "nft:PUNKS" in terminal.lines("positions")
    assert "buy" in terminal.lines("fills") and "taker" in terminal.lines("fills", "--coin", "PUNKS")
    account = terminal.lines("account")
    assert "equity" in account and "position     nft:PUNKS 0.5" in account


def test_public_questions_need_no_key(
    venue: Venue, maker: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    maker.place("PUNKS", "sell", "0.5", "30.3")
    code, out, _ = floorbook(capsys, "book", "PUNKS", "--url", venue.url)
    assert code == 0 and "mark 30" in out and "30.3" in out
    code, out, _ = floorbook(capsys, "markets", "--url", venue.url)
    assert code == 0 and [line.split()[0] for line in out.splitlines()[1:]] == ["nft:PUNKS", "ETH", "BTC"]
    code, out, _ = floorbook(capsys, "account", "--user", maker.address, "--url", venue.url)
    assert code == 0 and maker.address in out


def test_money_and_collateral(venue: Venue, terminal: Terminal) -> None:
    venue.give_token(terminal.key.address, 7_804)
    assert "7804" in terminal.lines("tokens")
    code, _, err = terminal.say("pledge", "PUNKS", 7_804)
    assert code == 1 and "came moments ago" in err
    assert terminal.lines("enter", "lending", "5") == "5 ETH in the lending vault\n"
    sub = terminal.lines("sub-account").strip()
    assert terminal.lines("transfer", "1.5", "ETH", sub) == f"1.5 ETH moved to {sub}\n"
    assert "withdrawn" in terminal.lines("withdraw", "1", "ETH")
    assert "at most 2" in terminal.lines("leverage", "PUNKS", "2")
    assert "ETH bid for PUNKS" in terminal.lines("bid", "PUNKS", "10")


def test_the_faucet_gives_once(venue: Venue, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, password = tmp_path / "key.json", tmp_path / "password"
    password.write_text("")
    write_key(file, new_secret(), "", cost=2**8)
    words = ("faucet", "--url", venue.url, "--key", file, "--password-file", password)
    code, out, _ = floorbook(capsys, *words)
    assert code == 0 and "20 ETH" in out
    code, _, err = floorbook(capsys, *words)
    assert code == 1 and len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (("order", "up", "1", "PUNKS"), 2, "write one of buy, sell"),
        (("order", "buy", "one", "PUNKS"), 2, "size is 'one'"),
        (("order", "buy", "1", "PUNKS", "--tif", "fok"), 2, "write one of gtc"),
        (("order", "buy", "1", "PUNKS", "--stop", "1", "--take-profit", "2"), 2, "two orders"),
        (("order", "buy", "1", "DOODLES"), 1, "there is no market DOODLES; the exchange has nft:PUNKS"),
        (("order", "buy", "1", "PUNKS", "--price", "29.00001"), 1, "tick"),
        (("cancel",), 2, "--all"),
        (("cancel", "17"), 1, "no order 17 waits"),
        (("enter", "savings", "1"), 2, "write one of lending, insurance"),
    ],
)
def test_mistakes_are_one_line(terminal: Terminal, words: tuple[str, ...], code: int, why: str) -> None:
    found, out, err = terminal.say(*words)
    assert (found, out) == (code, "")
    assert why in " ".join(err.split()), err
    assert "Traceback" not in err


def test_who_speaks_must_be_said(
    venue: Venue, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FLOORBOOK_KEY", "FLOORBOOK_USER", "FLOORBOOK_PASSWORD_FILE"):
        monkeypatch.delenv(name, raising=False)
    code, _, err = floorbook(capsys, "positions", "--url", venue.url)
    assert code == 1 and "whose account?" in err
    code, _, err = floorbook(capsys, "cancel", "--all", "--url", venue.url)
    assert code == 1 and "who signs?" in err
    code, _, err = floorbook(
        capsys, "cancel", "--all", "--key", tmp_path / "none", "--password-env", "NO_SUCH"
    )
    assert code == 1 and "NO_SUCH" in err


def test_nobody_at_the_url(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = floorbook(capsys, "markets", "--url", "http://127.0.0.1:9")
    assert code == 1 and "is it running?" in err and len(err.splitlines()) == 1


def test_a_wrong_password(terminal: Terminal) -> None:
    terminal.password.write_text("wrong")
    code, _, err = terminal.say("cancel", "--all")
    assert code == 1 and "does not open with this password" in err


def test_keys_are_made_taken_in_and_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_WORD", PASSWORD)
    file, plain = tmp_path / "new.json", tmp_path / "plain"
    code, out, _ = floorbook(capsys, "key", "new", file, "--password-env", "SECRET_WORD")
    assert code == 0
    assert floorbook(capsys, "key", "address", file)[1] == out
    code, _, err = floorbook(capsys, "key", "new", file, "--password-env", "SECRET_WORD")
    assert code == 1 and "never overwritten" in err
    # The key 1 and its address are known to everybody.
    plain.write_text(f"0x{1:064x}\n")
    words = ("key", "import", tmp_path / "one.json", "--from", plain, "--password-env", "SECRET_WORD")
    assert floorbook(capsys, *words)[1] == "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf\n"
    for digits, why in (("0x12", "not 2"), ("key", "64 hexadecimal digits")):
        plain.write_text(digits)
        code, _, err = floorbook(capsys, *words)
        assert code == 1 and why in err
    assert f"{1:064x}" not in (tmp_path / "one.json").read_text()


def test_watch_for_a_while(venue: Venue, maker: Client, capsys: pytest.CaptureFixture[str]) -> None:
    maker.place("PUNKS", "sell", "0.5", "30.3")
    words = ("watch", "PUNKS", "--url", venue.url, "--user", maker.address, "--seconds", "2")
    code, out, _ = floorbook(capsys, *words)
    assert code == 0 and "nft:PUNKS" in out and "30.3" in out and "equity" in out
    code, out, _ = floorbook(capsys, *words, "--json")
    updates = [json.loads(line) for line in out.splitlines()]
    assert {"BookChanged", "MarkChanged", "AccountChanged"} <= {each["update"] for each in updates}


def test_columns() -> None:
    assert table(("coin", "size"), [("ETH", "-1.5"), ("nft:PUNKS", "10")]) == [
        "coin       size",
        "ETH        -1.5",
        "nft:PUNKS    10",
    ]
