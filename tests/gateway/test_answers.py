"""Every refusal of the engine has words, and clients find theirs: docs/api.md §6."""

import pytest

from floorbook.core.reasons import Cancel, Reject
from floorbook.gateway import answers
from floorbook.gateway.answers import CANCELLED, TEXTS

# What ccxt 4.5.90 looks for in `response` or in a status, and what it means here.
MAPPED = {
    Reject.INSUFFICIENT_MARGIN: "Insufficient margin to place order.",
    Reject.OFF_TICK: "Price must be divisible by tick size.",
    Reject.WOULD_INCREASE: "Reduce only order would increase position.",
    Reject.WOULD_CROSS: "Post only order would have immediately matched,",
    Reject.NOT_FILLABLE: "Order could not immediately match against any resting orders.",
    Reject.UNKNOWN_ORDER: "Order was never placed, already canceled, or filled.",
    Reject.OFF_LOT: "Order has invalid size",
    Reject.SIZE_TOO_LARGE: "Order has invalid size",
    Reject.SIZE_BELOW_MINIMUM: "Order has invalid size",
    Reject.PRICE_OUTSIDE_BAND: "Order price cannot be more than 80% away from the reference price",
    Reject.SIZE_NOT_POSITIVE: "Order has zero size.",
    Reject.INSUFFICIENT_BALANCE: "Insufficient balance for withdrawal",
    Reject.PROFIT_ON_HOLD: "Insufficient balance for withdrawal",
    Reject.NOT_LIQUID: "Insufficient balance for withdrawal",
}


@pytest.mark.parametrize("reason", list(Reject))
def test_every_reason_has_a_sentence(reason: Reject) -> None:
    words = answers.text(reason)
    assert words[0].isupper()
    assert words.rstrip()[-1] in ".,"


@pytest.mark.parametrize("reason", list(Cancel))
def test_every_way_out_of_the_book_has_a_sentence(reason: Cancel) -> None:
    assert CANCELLED[reason].endswith(".")


@pytest.mark.parametrize(("reason", "part"), MAPPED.items())
def test_clients_find_their_words(reason: Reject, part: str) -> None:
    assert part in TEXTS[reason]


def test_no_two_reasons_of_one_kind_read_alike() -> None:
    assert len(set(TEXTS.values())) == len(TEXTS)
