"""kill -9 at random points: what the writer called durable is there, and the state is the script's."""

import os
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from floorbook.journal import verify
from tests.crash.writer import OPTIONS
from tests.journal.bank import Bank, BankCodec, bank_after
from tests.journal.ledgers import open_on

ROOT = Path(__file__).parents[2]
KILLS_PER_JOURNAL = 10


def write_until_killed(directory: Path, seed: int) -> int:
    """Run the writer for a random while, kill it, return the last command it acknowledged."""
    dice = Random(seed)
    path = os.pathsep.join([str(ROOT), str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.crash.writer", str(directory), str(seed)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None
        told = process.stdout.readline()
        time.sleep(dice.uniform(0, 0.1))
        process.kill()
        told += process.stdout.read()
    # The kill may cut the last line short: a number without its newline was not acknowledged.
    return int(told.split(b"\n")[-2])


@pytest.mark.parametrize("journal", range(5))
def test_every_acknowledged_command_survives_a_kill(tmp_path: Path, journal: int) -> None:
    acknowledged = 0
    for kill in range(KILLS_PER_JOURNAL):
        told = write_until_killed(tmp_path, seed=journal * KILLS_PER_JOURNAL + kill)
        assert told >= acknowledged
        acknowledged = told
        report = verify(tmp_path, Bank(), BankCodec())
        assert report.seq_last >= acknowledged
        assert report.state_hash == bank_after(report.seq_last).state_hash()
    recovered = Bank()
    sequencer = open_on(tmp_path, recovered, OPTIONS)
    assert sequencer.seq == report.seq_last > 0
    assert recovered.state_hash() == report.state_hash
    sequencer.close()
    assert verify(tmp_path, Bank(), BankCodec()).status == "sealed"
