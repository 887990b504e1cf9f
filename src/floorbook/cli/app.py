"""The program `floorbook` and what it does with errors.

A command's module is loaded when the command runs: who asks for a book need not wait for the appraisal.
"""

import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from floorbook import __version__
from floorbook.errors import FloorbookError

INTERRUPTED = 130

# section -> command -> (module, what it does); the module has a function of that name, a group an `app`
SECTIONS = {
    "Run an exchange": {
        "demo": ("demo", "An exchange with bots and a past, its page and its API."),
        "serve": ("serve", "The same without a past, from a file."),
        "chain": ("chain", "The contracts that keep the money: deploy them, see how they do."),
        "operate": ("operate", "Tell a running exchange what to do."),
        "reporter": ("reporter", "Sign what things cost, bring it to the chain."),
    },
    "Trade (--url, --key)": {
        "markets": ("trading", "Mark, index, funding and open interest of every market."),
        "book": ("trading", "A market's book."),
        "watch": ("watch", "Book, trades, mark and account, as they move."),
        "order": ("trading", "Place an order, or say with --dry-run what it would do."),
        "cancel": ("trading", "Cancel orders."),
        "orders": ("trading", "Orders and triggers that wait."),
        "positions": ("trading", "Positions and what liquidates them."),
        "fills": ("trading", "The newest fills."),
        "account": ("trading", "Money, margin and positions."),
        "leverage": ("trading", "Cap one's own leverage in a market."),
        "faucet": ("trading", "A demo's play money and tokens."),
        "deposit": ("deposits", "Bring money or a token into the vault on the chain."),
        "withdraw": ("trading", "Take money out."),
        "withdraw-token": ("deposits", "Take a token out."),
        "transfer": ("trading", "Move money between one's own accounts."),
        "agent": ("trading", "Let another key trade."),
        "sub-account": ("trading", "Open another account."),
        "key": ("keys", "Keys in wallets' keystore files."),
    },
    "Collateral, auctions, vaults": {
        "tokens": ("trading", "One's tokens, what they count, one's credit."),
        "pledge": ("trading", "Let a token count as collateral."),
        "release": ("trading", "Take it out again."),
        "credit": ("trading", "Reserve a credit line."),
        "borrow": ("trading", "Take ETH out against the collateral."),
        "bid": ("trading", "A standing bid for tokens that are sold."),
        "take": ("trading", "Buy what is auctioned, at its price of now."),
        "redeem": ("trading", "Stop the sale of one's own token."),
        "enter": ("trading", "Put ETH into a vault."),
    },
    "Prove it, leave without the operators": {
        "proof": ("leaving", "What an account may claim on the chain, as a file."),
        "exit": ("leaving", "Leave by the contracts alone, with that file."),
        "freeze": ("freeze", "What everybody would get, were it frozen at a place of a journal."),
    },
    "Look into a journal": {
        "verify": ("journal", "Replay it, check every hash and signature; with --rpc the chain."),
        "replay": ("journal", "Apply every command anew and say what came out."),
        "journal": ("journal", "Print its commands as JSON."),
        "statement": ("accounts", "An account's money, positions, orders and credit."),
        "liquidation-price": ("accounts", "The mark that liquidates an account."),
        "auctions": ("auctions", "Every sale and what it would bring."),
        "vaults": ("vaults", "What lenders and insurers hold, and may lose."),
        "projections": ("projections", "What happened, as rows of a database."),
    },
    "Value and measure": {
        "appraise": ("appraise", "What a token is worth, and why."),
        "train-appraisal": ("appraise", "Train the appraisal and write its model card."),
        "compare": ("compare", "The same crises under other venues' rules."),
        "bench": ("bench", "How fast it is on this machine."),
    },
}
FUNCTIONS = {"exit": "leave_by_contract"}  # where a command's name is Python's own
GROUPS = ("chain", "journal", "key", "projections", "reporter")


class Commands(TyperGroup):
    """The commands of all sections."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return every name."""
        return [name for section in SECTIONS.values() for name in section]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command, its module loaded; None if there is none of the name."""
        for section in SECTIONS.values():
            if cmd_name in section:
                return _load(section[cmd_name][0], cmd_name)
        return None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List the sections without loading anything."""
        for title, section in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, what) for name, (_, what) in section.items()])


def _load(module: str, name: str) -> Any:
    found: Any = import_module(f"floorbook.cli.{module}")
    if name in GROUPS:
        group = typer.main.get_group(found.app)
        group.name = name
        return group
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    alone.command(name)(getattr(found, FUNCTIONS.get(name, name.replace("-", "_"))))
    return typer.main.get_command(alone)


app = typer.Typer(
    cls=Commands,
    name="floorbook",
    help="A perpetual-futures exchange for NFT collections: deterministic, integer-exact, replayable.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def main() -> None:
    """Run the command line and leave; a fault of the world is one line on stderr and exit code 1."""
    try:
        app(prog_name="floorbook")
    except FloorbookError as error:
        sys.stderr.write(f"floorbook: {' '.join(str(error).split())}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"floorbook {__version__} ({kernel_description()})")
        raise typer.Exit


def kernel_description() -> str:
    """Return whether the hot path is compiled."""
    is_compiled = import_module("floorbook.core.kernel").COMPILED
    return "kernel: compiled" if is_compiled else "kernel: not compiled, about a hundred times slower"


@app.callback()
def _options(
    show_version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help="Say version and whether the kernel is compiled.",
        ),
    ] = False,
) -> None:
    pass
