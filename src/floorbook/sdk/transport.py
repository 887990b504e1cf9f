"""The two connections: blocking and on an event loop.  What was sent and not answered is said to be lost."""

import httpx

from floorbook.sdk.errors import AnswerLost, TooManyRequests, Unreachable
from floorbook.sdk.flow import Answer, Call

# Shorter than a server's: one that hangs up while an action is on its way leaves its outcome unknown.
LIMITS = httpx.Limits(keepalive_expiry=3)
HEADERS = {"content-type": "application/json", "user-agent": "floorbook-sdk"}
# Of these nothing has reached the exchange; after every other fault it may have.
_NOT_SENT = (
    httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL,
)  # fmt: skip


class Connection:
    """A blocking connection, safe to share between threads."""

    def __init__(self, url: str, timeout_s: int) -> None:
        self._http = httpx.Client(base_url=url, timeout=timeout_s, headers=HEADERS, limits=LIMITS)

    def send(self, call: Call) -> Answer:
        try:
            return _answer(self._http.post(call.path, content=call.body))
        except (httpx.HTTPError, httpx.InvalidURL) as fault:
            raise _fault(self._http.base_url, fault) from fault

    def close(self) -> None:
        self._http.close()


class AsyncConnection:
    """A connection on the running event loop."""

    def __init__(self, url: str, timeout_s: int) -> None:
        self._http = httpx.AsyncClient(base_url=url, timeout=timeout_s, headers=HEADERS, limits=LIMITS)

    async def send(self, call: Call) -> Answer:
        try:
            return _answer(await self._http.post(call.path, content=call.body))
        except (httpx.HTTPError, httpx.InvalidURL) as fault:
            raise _fault(self._http.base_url, fault) from fault

    async def close(self) -> None:
        await self._http.aclose()


def _answer(response: httpx.Response) -> Answer:
    said = response.headers.get("retry-after", "")
    answer = Answer(response.status_code, response.content, int(said) if said.isdecimal() else 0)
    if answer.status == 429:
        raise TooManyRequests(response.text.strip()[:200], answer.retry_after or 1)
    return answer


def _fault(url: httpx.URL, fault: Exception) -> Unreachable:
    if isinstance(fault, _NOT_SENT):
        return Unreachable(f"no exchange answers at {url}: {_words(fault)}; is it running?")
    return AnswerLost(f"{url} did not answer: {_words(fault)}")


def _words(fault: Exception) -> str:
    return str(fault) or type(fault).__name__
