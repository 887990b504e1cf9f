"""The contracts take from their caller alone and call nothing that they are told to call (attack row 23)."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCES = sorted((Path(__file__).resolve().parents[2] / "contracts" / "src").rglob("*.sol"))
COMMENT = re.compile(r"//[^\n]*")
PULL = re.compile(r"\b(?:safeT|t)ransferFrom\(\s*([^,]+),")
CALL = re.compile(r"\.call(?:\{[^}]*\})?\(([^;]*)\)\s*;")
ASSEMBLED = re.compile(r"[^.\w]call\(([^;{}]*?)\)\s*\n")
FORBIDDEN = ("delegatecall", "selfdestruct", "tx.origin", "callcode", "setApprovalForAll(")


def code(path: Path) -> str:
    return COMMENT.sub("", path.read_text())


def faults(text: str) -> Iterator[str]:
    for word in FORBIDDEN:
        if word in text:
            yield word
    for source in PULL.findall(text):
        if source.strip() not in ("msg.sender", "address(this)"):
            yield f"takes from {source}"
    for data in CALL.findall(text):
        if data.strip() != '""':
            yield f"calls with {data}"
    for arguments in ASSEMBLED.findall(text):
        if not re.sub(r"\s", "", arguments).endswith(",0,0,0,0"):
            yield f"calls with ({arguments})"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_a_contract_takes_from_its_caller_and_sends_no_data(path: Path) -> None:
    assert list(faults(code(path))) == []


@pytest.mark.parametrize(
    "snippet",
    [
        "token.transferFrom(owner, address(this), id);",
        "IERC20(a).safeTransferFrom(from, to, amount);",
        "(bool ok,) = target.call(data);",
        "(bool ok,) = target.call{value: 1}(abi.encode(1));",
        "sent := call(gasMax, to, amount, data, size, 0, 0)\n",
        "target.delegatecall(data);",
    ],
)
def test_the_rule_sees_what_it_forbids(snippet: str) -> None:
    assert list(faults(snippet))


def test_there_are_sources() -> None:
    assert len(SOURCES) > 15
