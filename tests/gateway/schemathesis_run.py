"""Schemathesis over every operation of a live server's OpenAPI document, with signed bodies.

    python -m tests.gateway.schemathesis_run --examples 100      a longer run, and its table

What schemathesis makes up is given names that exist, a fresh nonce and the signature that its action asks
for, so that it gets past the door and tries the engine.  Every answer must be as the document says.
"""

import argparse
import json
import random
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from jsonschema import Draft202012Validator
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation.modes import GenerationMode
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from floorbook.gateway.actions import KINDS
from floorbook.pricing.eip712 import Domain, Key
from floorbook.sdk import native, signing
from tests.gateway.live import Venue, live

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance]
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
KEY, OTHER = Key(b"\7".rjust(32)), Key(b"\11".rjust(32))
ADDRESSES = [f"0x{key.address.hex()}" for key in (KEY, OTHER)]
TOKENS = 12
NOT_SIGNED = ("User or API Wallet", "Invalid signature", "Signed for ", "Vault not registered")
# What no JSON Schema says: names that do not exist, members of a pair, numbers no action may hold.
UNREAD = ("Unknown ", "only with nSigFigs", "numbers are whole or strings", "can't serialize ints")
GOES_ON = 3 / 4  # of the names are ones that exist

# member -> what exists under such a name
NAMES: dict[str, Callable[[random.Random], Any]] = {
    **dict.fromkeys(("coin",), lambda dice: dice.choice(["PUNKS", "nft:PUNKS", "ETH", "BTC-USD"])),
    **dict.fromkeys(("user", "to", "debtor", "destination"), lambda dice: dice.choice(ADDRESSES)),
    **dict.fromkeys(("a",), lambda dice: dice.choice([110_000, 0, 1])),
    **dict.fromkeys(("s", "size"), lambda dice: dice.choice(["1", "0.1", "0.5", "2"])),
    **dict.fromkeys(("p", "price", "triggerPx", "triggerPrice"), lambda dice: f"{dice.randint(25, 35)}"),
    **dict.fromkeys(("amount", "commitment", "priceMax"), lambda dice: dice.choice(["1", "0.5", "20"])),
    **dict.fromkeys(("order", "oid", "o"), lambda dice: (dice.randint(0, 3) << 24) + dice.randint(0, 40)),
    "collection": lambda dice: "PUNKS",
    "token": lambda dice: dice.randrange(TOKENS),
    "tokens": lambda dice: [f"PUNKS/{dice.randrange(TOKENS)}"],
    "vault": lambda dice: dice.choice(["lending", "insurance"]),
    "tif": lambda dice: dice.choice(["Gtc", "Ioc", "Alo"]),
    "interval": lambda dice: dice.choice(["1m", "1h", "1d"]),
    "dex": lambda dice: dice.choice(["", "nft"]),
    "instrument": lambda dice: dice.randrange(3),
    "leverage": lambda dice: dice.randint(1, 5),
    "minutes": lambda dice: dice.randint(5, 60),
    "supply": lambda dice: "1",
    "until": lambda dice: int(time.time() * 1_000) + 10**6,
}


class Signer:
    """Gives what schemathesis made up a fresh nonce and the signature its action asks for."""

    def __init__(self, venue: Venue) -> None:
        options = venue.options
        self._domain = Domain(options.chain_id, options.verifying_contract)
        self._nonce = int(time.time() * 1_000)

    def signed(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the body signed; as it is where nobody could sign it."""
        self._nonce += 1
        action = body.get("action")
        name = action.get("type") if isinstance(action, dict) else None
        if not isinstance(name, str) or name not in KINDS:
            return body
        body = body | {"nonce": self._nonce, "vaultAddress": None, "expiresAfter": None}
        try:
            return body | self._signature(name, action, self._nonce)
        except (ValueError, TypeError, msgspec.ValidationError):
            return body

    def _signature(self, name: str, action: dict[str, Any], nonce: int) -> dict[str, Any]:
        if name in signing.USER_SIGNED and (name not in native.ACTIONS or "hyperliquidChain" in action):
            whole = signing.user_body(KEY, action, nonce)
            return {"action": whole["action"], "signature": whole["signature"]}
        if name in native.ACTIONS:
            typed = msgspec.convert(action, native.ACTIONS[name])
            digest = signing.native_digest(self._domain, typed, signing.NO_ADDRESS, nonce, 0)
        else:
            digest = signing.l1_digest(action, nonce, None, None)
        return {"signature": signing.sign(KEY, digest)}


def named(value: Any, dice: random.Random, member: str = "") -> Any:
    """Return a copy in which most names are ones that exist."""
    if isinstance(value, dict):
        return {key: named(part, dice, key) for key, part in value.items()}
    if member in NAMES and dice.random() < GOES_ON:
        found = NAMES[member](dice)
        if type(found) is type(value):
            return found
    return [named(part, dice) for part in value] if isinstance(value, list) else value


def whole(value: Any) -> Any:
    """Return a copy with integers for whole floats: for JSON Schema, not here, 1.0 is an integer."""
    if isinstance(value, dict):
        return {key: whole(part) for key, part in value.items()}
    if isinstance(value, list):
        return [whole(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


class Run:
    """One run over a live server, and what came of it."""

    def __init__(self, venue: Venue) -> None:
        self.outcomes: dict[str, Counter[str]] = {}  # tag -> what became of its cases
        self.failures: list[str] = []
        self.operations = 0
        self._signer = Signer(venue)
        self._url = venue.url
        self._session = requests.Session()
        self._schema = schemathesis.openapi.from_url(f"{venue.url}/openapi.json")
        self._components = self._schema.raw_schema["components"]

    def _sign(self, case: Any) -> None:
        if not isinstance(case.body, dict):
            return
        dice = random.Random(zlib.crc32(repr(case.body).encode(errors="replace")))
        body = whole(case.body)
        if "action" in body:
            case.body = self._signer.signed(body | {"action": named(body["action"], dice)})
        else:
            case.body = named(body, dice)

    def go(self, examples: int, seconds: float = float("inf")) -> None:
        """Try every operation with so many cases of each mode, as long as there is time."""
        end = time.monotonic() + seconds
        for operation in self.all_operations():
            self.operations += 1
            for mode in MODES:
                if operation.body or mode is GenerationMode.POSITIVE:
                    self._try(operation, mode, examples, end)
        self._session.close()

    def all_operations(self) -> Iterator[Any]:
        """Yield the operations of the document."""
        for result in self._schema.get_all_operations():
            yield result.ok()

    def _try(self, operation: Any, mode: GenerationMode, examples: int, end: float) -> None:
        (tag,) = operation.definition.raw["tags"]
        outcomes = self.outcomes.setdefault(tag, Counter())
        validator = self._validator(operation)

        @settings(
            max_examples=examples, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def try_one(case: Any) -> None:
            if time.monotonic() > end:
                return
            self._sign(case)
            response = case.call(base_url=self._url, session=self._session)
            outcomes["cases"] += 1
            outcomes[outcome(response)] += 1
            self._check(case, response, mode)
            if response.status_code == 200 and "json" in media_type(response):
                for error in validator.iter_errors(response.json()):
                    self._fail(case, response, f"{error.json_path}: {error.message[:300]}")

        try_one()

    def _validator(self, operation: Any) -> Draft202012Validator:
        # Not schemathesis' own check: it takes the tuples of 3.1 (prefixItems) for invalid.
        content = operation.definition.raw["responses"]["200"]["content"]
        (media,) = content.values()
        schema = media.get("schema", True)
        return Draft202012Validator({"allOf": [schema], "components": self._components})

    def _check(self, case: Any, response: Any, mode: GenerationMode) -> None:
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as failure:
            self._fail(case, response, str(failure))
        is_unread = outcome(response) == "malformed" and not any(text in response.text for text in UNREAD)
        if is_unread and mode is GenerationMode.POSITIVE:
            self._fail(case, response, "the document allows what the exchange cannot read")

    def _fail(self, case: Any, response: Any, why: str) -> None:
        body = json.dumps(case.body, default=repr)[:1_000]
        said = response.text[:500]
        self.failures.append(f"{case.operation.label}: {why}\n  {body}\n  {response.status_code} {said}")


def outcome(response: Any) -> str:
    """Return in a word what became of a request."""
    if response.status_code != 200:
        return {422: "malformed"}.get(response.status_code, str(response.status_code))
    if "json" not in media_type(response):
        return "answered"
    answer = response.json()
    if not isinstance(answer, dict) or "response" not in answer:
        return "answered"
    if answer["status"] == "err":
        return "not signed" if answer["response"].startswith(NOT_SIGNED) else "refused"
    data = answer["response"].get("data")
    statuses = data.get("statuses", [data.get("status")]) if isinstance(data, dict) else []
    if statuses and all(isinstance(status, dict) and "error" in status for status in statuses):
        return "refused"
    return "accepted"


def media_type(response: Any) -> str:
    """Return the content type of an answer."""
    return str(response.headers["content-type"][0])


COLUMNS = ("cases", "answered", "accepted", "refused", "not signed", "malformed")


def table(run: Run) -> str:
    """Return the summary as a table: past the signature are the accepted and the refused."""
    lines = [f"| operations | {' | '.join(COLUMNS)} |", "|---" * (1 + len(COLUMNS)) + "|"]
    whole: Counter[str] = Counter()
    for tag, outcomes in run.outcomes.items():
        whole += outcomes
        lines.append(f"| {tag} | {' | '.join(str(outcomes[column]) for column in COLUMNS)} |")
    lines.append(f"| all {run.operations} | {' | '.join(str(whole[column]) for column in COLUMNS)} |")
    others = {name: count for name, count in whole.items() if name not in COLUMNS}
    return "\n".join([*lines, f"Other status codes: {others or 'none'}.  Failures: {len(run.failures)}."])


def prepared(venue: Venue) -> None:
    """Give both keys money and tokens, and the book two sides."""
    for key in (KEY, OTHER):
        venue.fund(key.address, eth=5_000, usdc=5_000_000)
    for token in range(TOKENS):
        venue.give_token(KEY.address, token)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--examples", type=int, default=50, help="cases of each operation and mode")
    examples = parser.parse_args().examples
    with tempfile.TemporaryDirectory() as directory, live(Path(directory)) as venue:
        prepared(venue)
        run = Run(venue)
        began = time.monotonic()
        run.go(examples)
        print(table(run))
        print(f"{time.monotonic() - began:.0f} s.")
        for failure in run.failures[:40]:
            print(failure)
        summary = {"outcomes": run.outcomes, "operations": run.operations, "failures": len(run.failures)}
        print(json.dumps(summary))


if __name__ == "__main__":
    main()
