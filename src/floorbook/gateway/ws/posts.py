"""Requests over the socket: they go where the same body goes over HTTP, and have the same answers."""

import msgspec

from floorbook.gateway import actions, info
from floorbook.gateway.gateway import Gateway, Reply
from floorbook.gateway.ws import frames
from floorbook.gateway.ws import requests as ask

OK = 200


class _Head(msgspec.Struct, frozen=True):
    type: str


_heads = msgspec.json.Decoder(_Head)


async def answered(gateway: Gateway, message: ask.Message) -> bytes:
    """Return the answer to a post."""
    try:
        post = ask.post_decoder.decode(bytes(message.request))
    except (msgspec.DecodeError, RecursionError):
        return refused(message.id, "A post has a request of type action or info, and its payload.")
    body = bytes(post.payload)
    if post.type == "action":
        return _answer(message.id, "action", await actions.take(gateway, body))
    reply = await info.answer(gateway, body)
    if reply.status != OK:
        return _answer(message.id, "info", reply)
    payload = frames.InfoPayload(type=_heads.decode(body).type, data=msgspec.Raw(reply.body))
    return _encoded(message.id, "info", msgspec.json.encode(payload))


def refused(number: int, text: str) -> bytes:
    """Return the answer to a post that went nowhere."""
    return _encoded(number, "error", msgspec.json.encode(text))


def _answer(number: int, kind: frames.PostKind, reply: Reply) -> bytes:
    if reply.status != OK:
        return refused(number, reply.body.decode(errors="replace"))
    return _encoded(number, kind, reply.body)


def _encoded(number: int, kind: frames.PostKind, payload: bytes) -> bytes:
    answer = frames.PostAnswer(type=kind, payload=msgspec.Raw(payload))
    return msgspec.json.encode(frames.Post(data=frames.Posted(id=number, response=answer)))
