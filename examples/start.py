"""How every example begins: where the exchange is, whose key signs, how long it runs.

Without --key it makes a key of its own and asks the demo's faucet for play money; the key is gone afterwards.
"""

import argparse
import sys
from pathlib import Path
from typing import NamedTuple

from floorbook.chain.depositing import deposit, has_chain, tokens_in_wallet
from floorbook.sdk import Client, Key, Rejected, new_key, read_key

DEPOSITS = (("eth", "19"), ("usdc", "20000"))  # an ether stays for gas


class Start(NamedTuple):
    """What the command line said; the client is open until the program ends."""

    client: Client
    seconds: int
    words: argparse.Namespace


def arguments(description: str, seconds: int) -> argparse.ArgumentParser:
    """Return the options that all examples have."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="where the exchange is")
    parser.add_argument("--key", type=Path, metavar="FILE", help="keystore file; without it a new demo key")
    parser.add_argument("--password-file", type=Path, metavar="FILE", help="the keystore's password")
    parser.add_argument("--seconds", type=int, default=seconds, help="how long to run")
    return parser


def begin(parser: argparse.ArgumentParser, *, with_tokens: bool = False) -> Start:
    """Read the command line and return a client that has money to trade with, and tokens if asked for."""
    words = parser.parse_args()
    client = Client(words.url, _key(parser, words))
    if words.key is None:
        client.faucet()
        if has_chain(client):  # then the faucet has given to the key's wallet
            for asset, amount in DEPOSITS:
                deposit(client, asset, amount)
            for collection, token in tokens_in_wallet(client) if with_tokens else ():
                deposit(client, collection, str(token))
    account = client.account()
    say(f"{client.address} at {words.url}: equity {account.equity} ETH")
    return Start(client, words.seconds, words)


def say(text: str) -> None:
    """Print a line at once, also where the output is a file."""
    print(text, flush=True)


def refused(reason: Rejected) -> None:
    """Say why the exchange refused something; the example goes on."""
    print(f"refused: {reason}", file=sys.stderr, flush=True)


def _key(parser: argparse.ArgumentParser, words: argparse.Namespace) -> Key:
    if words.key is None:
        return new_key()
    if words.password_file is None:
        parser.error("--key needs --password-file")
    return read_key(words.key, words.password_file.read_text().rstrip("\n"))
