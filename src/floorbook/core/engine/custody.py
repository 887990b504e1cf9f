"""Where every token is.  Only `move_token` changes a token's custody, holder and pledger (INV-12).

A token on sale stays its debtor's collateral until it is sold: the sale may end, and until then it is what
the debt stands on.  Spec: docs/spec/collateral.md §8
"""

from bisect import insort

from floorbook.core.collateral import TOKEN_MAX, Custody, Token, token_key
from floorbook.core.events import TokenMoved
from floorbook.core.state import State


def find_token(state: State, collection: int, number: int) -> Token | None:
    """Return a token in the vault; None: it is not there."""
    if not 0 <= number <= TOKEN_MAX:
        return None
    return state.tokens.get(token_key(collection, number))


def pledged_tokens(state: State, account: int) -> list[Token]:
    """Return the account's collateral, by collection and number; tokens on sale are still in it."""
    return [state.tokens[key] for key in state.pledges.get(account, ())]


def move_token(state: State, token: Token, custody: Custody, holder: int) -> TokenMoved:
    """Give a token another custody and holder: an account, auction or instrument.

    Pledged, it is its holder's collateral; put on sale, it stays its pledger's; anywhere else, nobody's.
    """
    if custody == Custody.PLEDGED:
        _pledge(state, token, holder)
    elif custody != Custody.AUCTION:
        _pledge(state, token, -1)
    token.custody, token.holder = custody, holder
    return TokenMoved(collection=token.collection, token=token.number, custody=custody, holder=holder)


def _pledge(state: State, token: Token, pledger: int) -> None:
    """Enter the token under another pledger, -1 for none."""
    if token.pledger == pledger:
        return
    key, collection = token_key(token.collection, token.number), state.collections[token.collection]
    if token.pledger >= 0:
        keys = state.pledges[token.pledger]
        keys.remove(key)
        collection.pledged -= 1
        if not keys:
            del state.pledges[token.pledger]
    if pledger >= 0:
        insort(state.pledges.setdefault(pledger, []), key)
        collection.pledged += 1
    token.pledger = pledger


def take_out(state: State, token: Token) -> None:
    """Forget a token that leaves the vault; it must be nobody's collateral."""
    assert token.pledger == -1
    del state.tokens[token_key(token.collection, token.number)]
