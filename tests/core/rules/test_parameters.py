"""docs/spec/parameters.md is the table of src/floorbook/core/rules/parameters.py."""

import pytest

from floorbook.core.reasons import Reject
from floorbook.core.rules import margin, parameters
from floorbook.core.rules.parameters import MARKET_PARAMETERS, TEMPLATES
from tools.parameters_page import PAGE, render


def test_the_page_is_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "run: python tools/parameters_page.py"


def test_no_key_appears_twice() -> None:
    keys = [row.key for row in (*MARKET_PARAMETERS, *parameters.CONSTANTS)]
    assert len({*keys}) == len(keys)


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_is_whole_and_within_its_bounds(name: str) -> None:
    template = TEMPLATES[name]
    assert template.name == name
    assert {*template.values} == {parameter.key for parameter in MARKET_PARAMETERS}
    for key, value in template.values.items():
        assert parameters.reject_change(key, value, template.values) is None, key
    assert len(template.tiers) <= 4
    assert margin.initial_steps(template.tiers)
    assert margin.maintenance_steps(template.tiers)
    assert all(0 < tier.maintenance_ppb < tier.initial_ppb for tier in template.tiers)


def test_leverage_as_published() -> None:
    def leverages(name: str) -> list[int]:
        return [10**9 // tier.initial_ppb for tier in TEMPLATES[name].tiers]

    assert leverages("nft") == [10, 5, 3]
    assert leverages("nft-uninsured") == [3]
    assert leverages("eth-usd") == [50, 25, 10]
    assert leverages("btc-usd") == [50, 40, 20]


def test_a_change_outside_its_bounds_is_refused() -> None:
    values = TEMPLATES["nft"].values
    assert parameters.reject_change("index_quorum", 3, values) is None
    assert parameters.reject_change("index_quorum", 0, values) is Reject.BAD_PARAMETER
    assert parameters.reject_change("no_such_key", 1, values) is Reject.BAD_PARAMETER
    assert parameters.reject_change("open_interest_upper", 1, values) is Reject.BAD_PARAMETER
    assert parameters.reject_change("open_interest_upper", 0, values) is None
    assert parameters.parameter("index_quorum") is not None
    assert parameters.parameter("no_such_key") is None
