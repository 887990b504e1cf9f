"""`floorbook reporter`, and `floorbook verify` of the reports in a journal."""

import json
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from floorbook.core import commands
from floorbook.core.commands import AnyCommand, Genesis, PublishReport
from floorbook.core.engine import Engine
from floorbook.core.events import Event
from floorbook.feeds.reporter import demo_key
from floorbook.pricing.eip712 import Domain
from floorbook.pricing.reports import LOCAL, check
from floorbook.sequencer import Sequencer
from tests.test_cli import floorbook

DAY = ["--from", "2021-02-15", "--to", "2021-02-15T06:00"]
SECRET = "4f3edf983ac636a65a842ce7c78d9aa706d3b113bce9c46f30d7d21715b23b1d"


def reports_of(text: str) -> list[PublishReport]:
    """Return the reports of JSON lines."""
    rows = [json.loads(line) for line in text.splitlines()]
    for row in rows:
        assert row.pop("type") == "PublishReport"
        row |= {key: bytes.fromhex(row[key]) for key in ("reporter", "source", "signature")}
        row["values"] = tuple(row["values"])
    return [PublishReport(**row) for row in rows]


def write_journal(place: Path, reports: Sequence[PublishReport]) -> None:
    sequencer: Sequencer[AnyCommand, Event] = Sequencer(place, Engine(), commands)
    sequencer.submit(Genesis(operator=b"operator", seed=b"seed"), 10**18)
    for report in reports:
        sequencer.submit(report, 10**18)
    sequencer.close()


def test_it_prints_signed_reports(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = floorbook(capsys, "reporter", *DAY, "--demo-key", 2)
    reports = reports_of(out)
    assert code == 0
    assert len(reports) >= 12  # one every half hour
    assert f"{len(reports)} reports signed by 0x{demo_key(2).address.hex()}" in err
    assert all(check(report, LOCAL) == "" for report in reports)
    assert [report.round for report in reports] == sorted({report.round for report in reports})


def test_its_options_reach_the_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    contract = "0x" + "ab" * 20
    secret = tmp_path / "key"
    secret.write_text(f"0x{SECRET}\n")
    secret.chmod(0o600)
    out = tmp_path / "reports.jsonl"
    code, printed, err = floorbook(
        capsys, "reporter", *DAY, "--key-file", secret, "--out", out, "--collection", 4, "--token", 100,
        "--lie", 2, "--heartbeat", 60, "--deviation", 100, "--chain-id", 1, "--contract", contract,
    )  # fmt: skip
    assert (code, printed) == (0, "")
    # The address that goes with this well-known development key.
    assert "0x90f8bf6a479f320ead074411a4b0e7944ea8c9c1" in err
    reports = reports_of(out.read_text())
    index = [report for report in reports if report.kind == 0]
    assert len(index) == 6
    assert len(reports) > len(index)
    assert {report.collection for report in reports} == {4}
    assert all(check(report, Domain(1, bytes.fromhex("ab" * 20))) == "" for report in reports)
    honest = reports_of(floorbook(capsys, "reporter", *DAY, "--demo-key", 0)[1])[0]
    assert index[0].values[0] == 2 * honest.values[0]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "whose reports?"),
        (["--demo-key", 0, "--key-file", "KEY"], "whose reports?"),
        (["--key-file", "MISSING"], "MISSING"),
        (["--key-file", "OPEN"], "can be read by others"),
        (["--key-file", "BAD"], "64 hexadecimal digits"),
        (["--demo-key", 0, "--contract", "0x12"], "40 hexadecimal digits"),
        (["--demo-key", 0, "--out", "."], "."),
    ],
)
def test_a_mistake_is_one_line(
    arguments: list[object], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    for name, mode, text in (("KEY", 0o600, SECRET), ("OPEN", 0o644, SECRET), ("BAD", 0o600, SECRET[:-2])):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(mode)
    code, _, err = floorbook(capsys, "reporter", *DAY, *arguments)
    assert code == 1
    assert says in err
    assert err.count("\n") == 1
    assert SECRET[:-2] not in err


def test_verify_checks_every_signature(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reports = reports_of(floorbook(capsys, "reporter", *DAY, "--demo-key", 0)[1])
    write_journal(tmp_path / "good", reports)
    code, out, _ = floorbook(capsys, "verify", tmp_path / "good")
    assert code == 0
    assert out.splitlines()[-1].split() == ["signatures", str(len(reports))]
    code, _, err = floorbook(capsys, "verify", tmp_path / "good", "--chain-id", 1)
    assert code == 1
    assert "not by the reporter" in err


@pytest.mark.parametrize(
    ("forged", "says"), [({"values": (1,)}, "not by the reporter"), ({"signature": b""}, "is not signed")]
)
def test_verify_names_the_place_of_a_forged_report(
    forged: dict[str, object], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reports = reports_of(floorbook(capsys, "reporter", *DAY, "--demo-key", 0)[1])[:3]
    reports[1] = msgspec.structs.replace(reports[1], **forged)
    write_journal(tmp_path, reports)
    code, _, err = floorbook(capsys, "verify", tmp_path)
    assert code == 1
    assert says in err
    assert "offset" in err
    assert "seq 3" in err
