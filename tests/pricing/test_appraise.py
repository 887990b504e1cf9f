"""`floorbook appraise`: what it prints, draws and refuses; `train-appraisal` on a small folder."""

import gzip
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from floorbook.cli.app import app
from floorbook.errors import ConfigError

SVG = "{http://www.w3.org/2000/svg}"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_an_alien() -> None:
    result = run("appraise", "punks", 7804)
    assert result.exit_code == 0
    for words in ("value (P50)", "P10 to P90", "lending value", "liquidation value", "Alien",
                  "Comparable sales", "2021-03-11", "4,200.000"):  # fmt: skip
        assert words in result.stdout


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2021-03-15", "a part of the premium counts, for 30 days after a sale showed 'Alien'"),
        (
            "2021-07-01",
            "the premium does not count: no sale of the last 30 days showed 'Alien' (last on 2021-03-11",
        ),
    ],
)
def test_a_premium_says_whether_it_counts(day: str, words: str) -> None:
    assert words in run("appraise", "PUNKS", 7804, "--at", day).stdout


def test_json_is_the_same_in_exact_numbers() -> None:
    answer = json.loads(run("appraise", "punks", 7804, "--at", "2021-03-15", "--json").stdout)
    assert answer["at"] == "2021-03-15T00:00Z"
    low, value, high = (float(answer[name]) for name in ("p10", "p50", "p90"))
    assert low < value < high
    assert float(answer["credit"]) == pytest.approx(float(answer["borrow_value"]) / 2, abs=1e-8)
    assert answer["evidence"] == {"trait": "Alien", "day": "2021-03-11"}
    assert {"token", "day", "price", "likeness", "price_at_floor_now", "is_evidence"} == {
        *answer["comparables"][0]
    }
    assert all(sale["day"] < "2021-03-15" for sale in answer["comparables"])


def test_an_hour_of_a_day() -> None:
    answer = json.loads(run("appraise", "punks", 1, "--at", "2021-03-15T13:30", "--json").stdout)
    assert answer["at"] == "2021-03-15T13:00Z"


def test_the_picture_is_one_svg(tmp_path: Path) -> None:
    target = tmp_path / "token.svg"
    assert run("appraise", "punks", 7804, "--plot", target).exit_code == 0
    root = ET.fromstring(target.read_text(encoding="utf-8"))
    words = " ".join(text.text or "" for text in root.iter(f"{SVG}text"))
    assert all(name in words for name in ("value", "P10", "P90", "floor", "punks 7804"))
    assert len(list(root.iter(f"{SVG}circle"))) >= 2
    assert "nan" not in target.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("kittens", 1), "there is one for: punks"),
        (("punks", 10_000), "tokens are 0 to 9999"),
        (("punks", 1, "--at", "2018-01-01"), "no appraisal before the first week"),
        (("punks", 1, "--at", "2022-01-01"), "history ends at 2021-08-01 00:00 UTC"),
        (("punks", 1, "--plot", "no/such/folder/token.svg"), "cannot write the picture"),
    ],
)
def test_what_does_not_exist_is_said(arguments: tuple[object, ...], message: str) -> None:
    result = run("appraise", *arguments)
    assert isinstance(result.exception, ConfigError)  # the program prints it as one line and leaves with 1
    assert message in str(result.exception)


@pytest.mark.parametrize(
    "arguments", [("punks", "seven"), ("punks", 1, "--at", "March"), ("punks", 1, "--plot", "token.png")]
)
def test_a_wrong_command_line(arguments: tuple[object, ...]) -> None:
    assert run("appraise", *arguments).exit_code == 2


def test_help_names_every_option() -> None:
    text = run("appraise", "--help").stdout
    assert all(option in text for option in ("--at", "--json", "--plot"))
    assert "--data" in run("train-appraisal", "--help").stdout


def test_training_refuses_a_folder_without_tables(tmp_path: Path) -> None:
    (tmp_path / "punks_traits.csv.gz").write_bytes(gzip.compress(b"token\n"))
    result = run("train-appraisal", "--data", tmp_path, "--out", tmp_path / "out")
    assert "not the tables of an appraisal" in str(result.exception)
