"""The signed reports of the vectors are their reporters', each under one domain only."""

import json
from typing import Any

from floorbook.pricing import reports
from floorbook.pricing.eip712 import Domain, recover
from tests.contracts.prices import FOLDER
from tests.contracts.reports import KEYS, ORACLE, SAID


def test_every_report_is_signed_by_its_reporter() -> None:
    given: dict[str, Any] = json.loads((FOLDER / "report.json").read_text())
    assert len(given["reports"]) == len(KEYS) * len(SAID)
    for row in given["reports"]:
        digest, signature = bytes.fromhex(row["digest"][2:]), bytes.fromhex(row["signature"][2:])
        assert recover(digest, signature) == bytes.fromhex(row["reporter"][2:])


def test_digests_depend_on_chain_and_contract() -> None:
    given: dict[str, Any] = json.loads((FOLDER / "report.json").read_text())
    domains = [Domain(reports.LOCAL_CHAIN, ORACLE), Domain(1, ORACLE), Domain(1, bytes(20))]
    digests = {domain.digest(bytes(32)) for domain in domains}
    assert len(digests) == len(domains)
    assert len({row["digest"] for row in given["reports"]}) == len(SAID)  # the reporter is not in it
