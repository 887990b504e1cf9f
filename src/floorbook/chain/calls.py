"""What people send to the contracts: test money, approvals, deposits.

Gas is given, so that a deposit can be sent together with the approval that it needs: a node could not
estimate it before.  What is not used costs nothing.
"""

from collections.abc import Iterator, Sequence

from floorbook.chain.abi import load
from floorbook.chain.deployment import Places
from floorbook.chain.transactions import Call
from floorbook.units import ETH, USDC, WEI_PER_ATOM

UNLIMITED = 2**256 - 1
MINT_MAX = 10_000_000 * 10**6  # [USDC atoms] of one call of TestUsdc
MINTED_AT_ONCE = 100  # tokens
GAS_APPROVE, GAS_MINT, GAS_MONEY, GAS_TOKEN = 120_000, 150_000, 250_000, 400_000
GAS_PER_TOKEN = 80_000


def deposit_money(
    places: Places, asset: int, atoms: int, owner: bytes, *, is_approved: bool = False
) -> list[Call]:
    """Return what brings money to an owner's account; the sender pays."""
    assert atoms > 0
    vault = load("Vault")
    if asset == ETH:
        return [Call(places.vault, vault.call("depositEther", owner), atoms * WEI_PER_ATOM, GAS_MONEY)]
    assert asset == USDC
    deposit = Call(places.vault, vault.call("depositMoney", asset, atoms, owner), 0, GAS_MONEY)
    return [deposit] if is_approved else [approve_usdc(places, atoms), deposit]


def deposit_token(
    places: Places, collection: int, token: int, owner: bytes, *, is_approved: bool = False
) -> list[Call]:
    """Return what brings a token to an owner's account; the sender owns it."""
    payload = load("Vault").call("depositToken", collection, token, owner)
    deposit = Call(places.vault, payload, 0, GAS_TOKEN)
    if is_approved:
        return [deposit]
    approval = load("TestPunks").call("approve", places.vault, token)
    return [Call(places.collection(collection), approval, 0, GAS_APPROVE), deposit]


def approve_usdc(places: Places, atoms: int = UNLIMITED) -> Call:
    """Return what lets the vault take USDC from the sender."""
    return Call(places.address("Usdc"), load("TestUsdc").call("approve", places.vault, atoms), 0, GAS_APPROVE)


def approve_tokens(places: Places, collection: int) -> Call:
    """Return what lets the vault take any token of a collection from the sender."""
    payload = load("TestPunks").call("setApprovalForAll", places.vault, True)
    return Call(places.collection(collection), payload, 0, GAS_APPROVE)


def mint_usdc(places: Places, to: bytes, atoms: int) -> Iterator[Call]:
    """Yield what makes test USDC."""
    usdc = load("TestUsdc")
    while atoms > 0:
        part = min(atoms, MINT_MAX)
        yield Call(places.address("Usdc"), usdc.call("mint", to, part), 0, GAS_MINT)
        atoms -= part


def mint_tokens(places: Places, collection: int, to: bytes, tokens: Sequence[int]) -> Iterator[Call]:
    """Yield what makes test tokens that nobody has."""
    punks, where = load("TestPunks"), places.collection(collection)
    for start in range(0, len(tokens), MINTED_AT_ONCE):
        part = list(tokens[start : start + MINTED_AT_ONCE])
        yield Call(where, punks.call("mintMany", to, part), 0, GAS_MINT + GAS_PER_TOKEN * len(part))
