"""The command line: help, errors in one line, exit codes, and each command on a small run."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer

from floorbook.cli import main
from floorbook.cli.app import SECTIONS, app

RANGE = ["--from", "2021-02-21T14:00", "--to", "2021-02-21T17:00"]
COMMANDS = [
    [], ["demo"], ["replay"], ["verify"], ["journal"], ["journal", "cat"], ["statement"],
    ["liquidation-price"], ["auctions"], ["vaults"], ["serve"], ["bench"], ["compare"], ["reporter"],
]  # fmt: skip
CONFIG = """
journal = "exchange"
seed = 3
bots = 12

[feed]
from = "2021-02-21"
to = "2021-02-22"
speed = 36000

[gateway]
port = 0

[[markets]]
name = "PUNKS"
template = "nft"
asset = "ETH"
price = "collection"
size_decimals = 2
price_decimals = 4
price_max = 10_000_000
lots_max = 1_000_000
insurance = 60
"""


def floorbook(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Run the command line in this process; return exit code, stdout, stderr."""
    before, sys.argv = sys.argv, ["floorbook", *map(str, arguments)]
    capsys.readouterr()
    try:
        main()
        code = 0
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else 0
    finally:
        sys.argv = before
    printed = capsys.readouterr()
    return code, printed.out, printed.err


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("cli") / "run"
    command = [sys.executable, "-m", "floorbook", "demo", "--headless", *RANGE, "--bots", "12"]
    done = subprocess.run([*command, "--out", out], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads((out / "summary.json").read_text())
    return out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = floorbook(capsys, *command, "--help")
    assert code == 0
    assert "Usage: floorbook" in out


def test_version_tells_how_the_kernel_runs(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = floorbook(capsys, "--version")
    assert code == 0
    assert out.startswith("floorbook 0.1.0 (kernel: ")


def test_replay_and_verify_print_the_same_hash(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    summary = json.loads((run / "summary.json").read_text())
    for command in ("replay", "verify"):
        code, out, err = floorbook(capsys, command, run)
        assert (code, err) == (0, "")
        assert out.splitlines()[0] == "sealed"
        assert f"state_hash   {summary['state_hash']}" in out


def test_journal_directory_may_be_named_itself(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert floorbook(capsys, "replay", run / "journal")[0] == 0


def flipped(run: Path, tmp_path: Path, place: int) -> Path:
    """Return a copy of the journal with one byte changed."""
    copy = tmp_path / "journal"
    copy.mkdir(parents=True)
    for source in (run / "journal").iterdir():
        content = bytearray(source.read_bytes())
        if source.suffix == ".journal":
            content[place % len(content)] ^= 0x10
        (copy / source.name).write_bytes(content)
    return copy


@pytest.mark.parametrize("place", [20, 5_000, 40_000, -3])
def test_flipped_byte_is_found_and_placed(
    run: Path, tmp_path: Path, place: int, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = floorbook(capsys, "verify", flipped(run, tmp_path, place))
    assert code == 1
    assert "segment-00000000.journal" in err
    assert err.count("\n") == 1


def test_cut_journal_says_unsealed(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = tmp_path / "journal"
    copy.mkdir()
    for source in (run / "journal").iterdir():
        (copy / source.name).write_bytes(source.read_bytes())
    unseal(copy)
    code, out, _ = floorbook(capsys, "verify", copy)
    assert (code, out.splitlines()[0]) == (0, "unsealed")


def unseal(directory: Path) -> None:
    """Open the journal as a writer would and die without closing it."""
    script = (
        "import os, sys\n"
        "from floorbook.core.engine import Engine\n"
        "from floorbook.core import commands\n"
        "from floorbook.sequencer import Sequencer\n"
        "Sequencer(sys.argv[1], Engine(), commands)\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(directory)], check=True)


def test_cat_prints_objects(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = floorbook(capsys, "journal", "cat", run, "--limit", 3)
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [line["kind"] for line in lines] == ["header", "command", "command"]
    assert lines[1]["command"]["type"] == "Genesis"


def test_cat_begins_where_asked(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = floorbook(capsys, "journal", "cat", run, "--from-seq", 50, "--limit", 2)
    assert [json.loads(line)["seq"] for line in out.splitlines()] == [50, 51]


def test_statement_without_an_account_lists_who_has_credit(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = floorbook(capsys, "statement", run)
    assert code == 0
    assert out.startswith("lending pool ")
    code, out, _ = floorbook(capsys, "statement", run, "--json")
    assert code == 0
    assert isinstance(json.loads(out), list)


def test_statement_names_money_and_positions(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = floorbook(capsys, "statement", run, 9)
    assert code == 0
    assert {"account", "equity", "cash"} <= {line.split()[0] for line in out.splitlines()}
    code, out, _ = floorbook(capsys, "statement", run, 9, "--json")
    assert (code, json.loads(out)["account"]) == (0, 9)


def test_liquidation_price_is_a_price_or_none(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = floorbook(capsys, "liquidation-price", run, 9, "punks")
    assert code == 0
    assert out.strip() == "none" or float(out) > 0


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["statement", "RUN", "9999"], 1, "no account 9999"),
        (["liquidation-price", "RUN", "9999", "PUNKS"], 1, "no account 9999"),
        (["liquidation-price", "RUN", "9", "APES"], 1, "no market APES; the journal has PUNKS"),
        (["replay", "NOWHERE"], 1, "no directory"),
        (["verify", "EMPTY"], 1, "no journal"),
        (["journal", "cat", "EMPTY"], 1, "no journal"),
        (["demo", "--headless", "--out", "FULL"], 1, "no earlier run"),
        (["demo", "--headless", "--from", "2018-01-01", "--out", "NEW"], 1, "not covered"),
        (["demo", "--headless", "--history", "NOWHERE", "--out", "NEW"], 1, "cannot be read"),
        (["serve", "--config", "NOWHERE"], 1, "No such file"),
        (["demo", "--headless", "--from", "yesterday"], 2, "no date"),
        (["demo", "--bots", "many"], 2, "'--bots'"),
        (["verify"], 2, "DIR"),
        (["sing"], 2, "sing"),
    ],
)
def test_errors_are_clear(
    arguments: list[str],
    code: int,
    words: str,
    run: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("")
    places = {name: tmp_path / name.lower() for name in ("NOWHERE", "EMPTY", "FULL", "NEW")} | {"RUN": run}
    found, out, err = floorbook(capsys, *(places.get(argument, argument) for argument in arguments))
    assert found == code
    assert out == ""
    assert words in err
    if code == 1:
        assert err.startswith("floorbook: ")
        assert err.count("\n") == 1
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("seed = 3", "sead = 3", "sead"),
        ('template = "nft"', 'template = "ape"', "template is 'ape'"),
        ('asset = "ETH"', 'asset = "DOGE"', "asset is 'DOGE'"),
        ('price = "collection"', 'price = "doge_usd"', "price is 'doge_usd'"),
        ("speed = 36000", "speed = 0", "feed.speed is 0"),
        ('from = "2021-02-21"', 'from = "soon"', "no date"),
        ("insurance = 60", 'insurance = "much"', "insurance"),
        ("[feed]", "[feed", "Expected ']'"),
        ("port = 0", "port = 70000", "gateway.port is 70000"),
        ("port = 0", "ports = 0", "ports"),
        ("port = 0", "sockets = 0", "gateway.sockets is 0"),
        ("port = 0", 'tls_key = "key.pem"', "belong together"),
        ("port = 0", 'tls_key = "key.pem"\ntls_certificate = "here.pem"', "here.pem is no file"),
        ("port = 0", 'verifying_contract = "0x12"', "40 hexadecimal digits"),
        ("port = 0", 'host = "256.0.0.1"', "cannot listen at 256.0.0.1"),
    ],
)
def test_bad_config_is_refused_by_key(
    old: str, new: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "exchange.toml").write_text(CONFIG.replace(old, new))
    code, _, err = floorbook(capsys, "serve", "--config", tmp_path / "exchange.toml")
    assert code == 1
    assert words in err
    assert err.count("\n") == 1


def test_serve_stops_on_a_signal_and_goes_on_where_it_stopped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "exchange.toml").write_text(CONFIG)
    commands = []
    for _ in range(2):
        serve(tmp_path / "exchange.toml")
        code, out, _ = floorbook(capsys, "verify", tmp_path / "exchange")
        assert (code, out.splitlines()[0]) == (0, "sealed")
        commands.append(int(out.splitlines()[1].split()[1].replace(",", "")))
    assert 0 < commands[0] < commands[1]


def serve(config: Path) -> None:
    """Serve until the exchange says where it listens and a second has passed, then stop it."""
    command = [sys.executable, "-m", "floorbook", "serve", "--config", config]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("open: http://127.0.0.1:"):
                break
        time.sleep(1.2)
        os.kill(process.pid, signal.SIGTERM)
        last = process.stderr.read().splitlines()[-1]
        assert last.startswith("sealed: ")
    assert process.returncode == 0


def test_reader_may_stop_listening(run: Path) -> None:
    command = f"{sys.executable} -m floorbook journal cat {run} | head -n 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert json.loads(done.stdout)["kind"] == "header"


def test_a_comparison_names_a_folder_that_cannot_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    code, _, error = floorbook(capsys, "compare", "--out", tmp_path / "file" / "docs")
    assert code == 1 and "name another --out DIR" in error


# ---- the list of commands ----------------------------------------------------------------------


def test_every_listed_command_can_be_loaded_and_says_what_it_does() -> None:
    group = typer.main.get_command(app)
    for section in SECTIONS.values():
        for name in section:
            command = group.get_command(None, name)
            assert command.name == name
            assert command.help, name


def test_help_loads_no_command() -> None:
    code = (
        "import sys; sys.argv = ['floorbook', '--help']; from floorbook.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "assert not {'sqlalchemy', 'starlette', 'numpy', 'httpx'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
