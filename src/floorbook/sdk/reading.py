"""Read what came back: an answer of a type, or the error that it means.

Only questions are asked again, for they change nothing: after 0.1, 0.2, 0.4 s.
"""

from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from floorbook.sdk.errors import AnswerLost, BadAnswer, BadRequest, Rejected, TooManyRequests, Unreachable
from floorbook.sdk.flow import Answer, Call, Flow, Pause

T = TypeVar("T")
TRIES = 4
PAUSE_FIRST_S = 0.1
TOO_MANY = "Too many cumulative requests sent"  # what Hyperliquid's clients look for
TEXT_MAX = 300  # of a foreign answer in a message


def ask(type_: type[T], kind: str, **fields: Any) -> Flow[T]:
    """Ask `/info` and return the answer as `type_`; what is None is left out of the question."""
    question = {"type": kind} | {name: value for name, value in fields.items() if value is not None}
    answer = yield from _ask_again(Call("/info", msgspec.json.encode(question)))
    return decode(answer, type_)


def _ask_again(call: Call) -> Flow[Answer]:
    pause = PAUSE_FIRST_S
    for _ in range(TRIES - 1):
        try:
            answer = yield call
        except Unreachable:
            yield Pause(pause)
        else:
            if answer.status not in (502, 503, 504):
                return answer
            yield Pause(max(pause, answer.retry_after))
        pause *= 2
    return (yield call)


def decode(answer: Answer, type_: type[T]) -> T:
    """Return the answer as `type_`; raises the error it means."""
    text = answer.body[:TEXT_MAX].decode(errors="replace").strip()
    if answer.status == 429:
        raise TooManyRequests(text, answer.retry_after or 1)
    if answer.status >= 500:
        raise Unreachable(f"the exchange answers {answer.status}: {text}")
    if answer.status != 200:
        raise BadRequest(f"{text} (HTTP {answer.status})")
    try:
        return msgspec.json.decode(answer.body, type=type_)
    except msgspec.MsgspecError as fault:
        raise BadAnswer(f"the answer is not an exchange's: {fault}; it begins {text!r}") from fault


class _Response(msgspec.Struct, frozen=True):
    type: str = ""
    data: msgspec.Raw = msgspec.Raw(b"null")


class _Outcome(msgspec.Struct, frozen=True):
    status: str
    response: _Response | str = ""


class Told(msgspec.Struct, frozen=True):
    """The numbers and addresses of what an action brought into being."""

    address: str = ""
    auctions: tuple[int, ...] = ()
    bid: int = -1
    twap: int = -1
    shares: Decimal = Decimal(0)  # in units of 1e-9


def outcome(answer: Answer, type_: type[T]) -> T:
    """Return the data of an acknowledged action as `type_`; raises Rejected with the exchange's text."""
    if answer.status >= 500:
        raise AnswerLost(f"the exchange answers {answer.status} to what it may have done")
    read = decode(answer, _Outcome)
    if isinstance(read.response, str):
        if TOO_MANY in read.response:
            raise TooManyRequests(read.response)
        raise Rejected(read.response)
    return decode(Answer(200, bytes(read.response.data)), type_)
