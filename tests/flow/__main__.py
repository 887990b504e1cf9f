"""`python -m tests.flow` prints the comparison of docs/order-flow.md."""

from floorbook.core.kernel import Kernel
from tests.flow.compare import compare, table
from tests.flow.replay import Replay, read_commands, read_trades
from tools.derive_flow import OPENING_COMPLETED


def main() -> None:
    commands, recorded = read_commands(), read_trades()
    completed = {c.order for c in commands if c.kind == OPENING_COMPLETED}
    for title, omitted in (("The whole flow", set()), ("Without the completed opening orders", completed)):
        replay = Replay(Kernel())
        replay.run([c for c in commands if c.order not in omitted or c.kind != OPENING_COMPLETED])
        print(title, "", *table(compare(recorded, replay.fills, omitted), completed), "", sep="\n")


if __name__ == "__main__":
    main()
