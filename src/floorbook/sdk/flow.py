"""What a client does, without the doing: a flow yields calls and pauses and is sent the answers.

    flow -> Call -> shell sends it -> Answer -> flow -> ... -> result

Every operation is written once as such a generator.  `Client` runs it on a blocking connection and returns
its result, `AsyncClient` awaits it: `operation` gives the same method both types.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Generator
from functools import partial, update_wrapper
from typing import Any, Concatenate, Generic, NamedTuple, ParamSpec, Protocol, TypeVar, overload

P = ParamSpec("P")
T = TypeVar("T")


class Call(NamedTuple):
    """A POST; what changes something is never sent twice by the shell."""

    path: str
    body: bytes


class Pause(NamedTuple):
    """Nothing for a while [s]."""

    seconds: float


class Answer(NamedTuple):
    """What came back; `retry_after` [s] is 0 where the server said none."""

    status: int
    body: bytes
    retry_after: int = 0


Flow = Generator[Call | Pause, Answer, T]


RESTED = Answer(200, b"")  # what a pause is answered with


def run(flow: Flow[T], do: Callable[[Call | Pause], Answer | Exception]) -> T:
    """Run a flow to its end and return its result; a fault that `do` returns is raised inside the flow."""
    answer: Answer | Exception | None = None
    while True:
        try:
            step = _next(flow, answer)
        except StopIteration as end:
            result: T = end.value
            return result
        answer = do(step)


async def run_async(flow: Flow[T], do: Callable[[Call | Pause], Awaitable[Answer | Exception]]) -> T:
    """Run a flow to its end as `run` does, on an event loop."""
    answer: Answer | Exception | None = None
    while True:
        try:
            step = _next(flow, answer)
        except StopIteration as end:
            result: T = end.value
            return result
        answer = await do(step)


def _next(flow: Flow[T], answer: Answer | Exception | None) -> Call | Pause:
    """Give a flow what came of its last step and return its next one."""
    if answer is None:
        return next(flow)
    return flow.throw(answer) if isinstance(answer, Exception) else flow.send(answer)


class Blocking(Protocol):
    """A shell that runs a flow to its end."""

    def run(self, flow: Flow[T]) -> T: ...


class Awaiting(Protocol):
    """A shell that runs a flow on an event loop."""

    def run_async(self, flow: Flow[T]) -> Coroutine[Any, Any, T]: ...


class Operation(Generic[P, T]):
    """A method of every client: of a blocking one it returns T, of an async one a coroutine of T."""

    def __init__(self, function: Callable[Concatenate[Any, P], Flow[T]]) -> None:
        self.function = function
        self.__doc__ = function.__doc__

    @overload
    def __get__(self, shell: None, owner: type) -> Operation[P, T]: ...
    @overload
    def __get__(self, shell: Blocking, owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, shell: Awaiting, owner: type) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, shell: Any, owner: type) -> Any:
        """Return the bound method."""
        return self if shell is None else update_wrapper(partial(self._run, shell), self.function)

    def _run(self, shell: Any, *arguments: Any, **options: Any) -> Any:
        run = shell.run_async if hasattr(shell, "run_async") else shell.run
        return run(self.function(shell, *arguments, **options))


def operation(function: Callable[Concatenate[Any, P], Flow[T]]) -> Operation[P, T]:
    """Make a flow a method of both clients."""
    return Operation(function)
