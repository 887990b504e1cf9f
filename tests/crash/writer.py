"""The process that gets killed: plays the script from where the journal ends, and prints what is durable.

python writer.py DIRECTORY SEED
"""

import os
import sys
from random import Random

from floorbook.sequencer import Options, Sequencer
from tests.journal.bank import Bank, BankCodec, command_of, time_of

OPTIONS = Options(segment_bytes=40_000, hash_every=100, snapshot_every=700)


def main(directory: str, seed: int) -> None:
    dice = Random(seed)
    sequencer = Sequencer(directory, Bank(), BankCodec(), options=OPTIONS)
    # Unbuffered: what this line says has left the process before the next command enters it.
    os.write(1, b"%d\n" % sequencer.seq)
    while True:
        for _ in range(dice.randint(1, 40)):
            seq = sequencer.seq + 1
            sequencer.submit(command_of(seq), time_of(seq))
        os.write(1, b"%d\n" % sequencer.commit())
        if dice.random() < 0.01:
            sequencer.close()
            sequencer = Sequencer(directory, Bank(), BankCodec(), options=OPTIONS)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
