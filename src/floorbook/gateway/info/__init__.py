"""POST /info: what anybody may ask.  One module for each noun; `registry` lists the types.

Nothing here changes the state.  An answer is computed at once, on the loop, and sent when everything it
could have seen is durable.  Spec: docs/api.md, "Info"
"""

from collections.abc import Awaitable

import msgspec

from floorbook.errors import JournalError
from floorbook.gateway.answers import stopped
from floorbook.gateway.gateway import Gateway, Reply
from floorbook.gateway.info.past import Behind
from floorbook.gateway.info.registry import DECODERS, TYPES
from floorbook.gateway.info.requests import Refused, echo

__all__ = ["TYPES", "answer"]

OK, UNPROCESSABLE, UNAVAILABLE = 200, 422, 503
PLAIN = "text/plain; charset=utf-8"


class Head(msgspec.Struct, frozen=True):
    """What every question says."""

    type: str


_heads = msgspec.json.Decoder(Head)
_encoder = msgspec.json.Encoder()


async def answer(gateway: Gateway, body: bytes) -> Reply:
    """Answer one question; 422 and a sentence where it cannot be understood."""
    try:
        name = _heads.decode(body).type
        kind = TYPES.get(name)
        if kind is None:
            return _refused(f"Unknown type {echo(name)}. There are {', '.join(sorted(TYPES))}.")
        found = kind.answer(gateway, DECODERS[name].decode(body))
        if isinstance(found, Awaitable):
            found = await found
        encoded = _encoder.encode(found)
        await gateway.exchange.settled()
    except (msgspec.DecodeError, UnicodeDecodeError, Refused, RecursionError) as error:
        return _refused(str(error))
    except Behind as behind:
        return Reply(UNAVAILABLE, str(behind).encode(), PLAIN)
    except JournalError:
        return stopped()
    # After a fault the state holds what the disk may not.
    return Reply(OK, encoded) if gateway.exchange.fault is None else stopped()


def _refused(text: str) -> Reply:
    return Reply(UNPROCESSABLE, text.encode(errors="replace"), PLAIN)
