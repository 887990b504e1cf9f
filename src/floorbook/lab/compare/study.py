"""Which rule sets are run on which paths: everything the comparison page shows."""

from msgspec import Struct, structs

from floorbook.lab import paths
from floorbook.lab.compare.accounts import LONG_PPB, Accounts, accounts
from floorbook.lab.compare.benddao import BendDAO
from floorbook.lab.compare.floorbook import Floorbook
from floorbook.lab.compare.lending import Lending
from floorbook.lab.compare.nftperp import Nftperp
from floorbook.lab.compare.outcome import Outcome
from floorbook.lab.compare.perpetuals import Perpetuals
from floorbook.lab.paths import AZUKI, ETHER, PERCENT, SUMMER, Path

OWNERS = {SUMMER: {"BAYC": 272}, AZUKI: {"AZUKI": 60, "BAYC": 30, "PUNKS": 10}}
INTEREST = {"AZUKI": 1_000 * ETHER, "BAYC": 600 * ETHER, "PUNKS": 200 * ETHER}
CROWDS = {"one-sided": LONG_PPB, "balanced": 50 * PERCENT}
SEEDS = 3
CRASH_HOURS = (12, 24, 72, 168, 504)
INTEREST_SHARES = (25, 50, 75, 100, 150, 200)  # [%] of INTEREST


class Fall(Struct, frozen=True):
    """A fall of a single collection: how deep, how fast, and how much of the bids there is."""

    share: int  # [%] of the floor
    hours: int
    depth: int = 100  # [%] of the bids

    @property
    def name(self) -> str:
        """Return the fall in words."""
        thin = "" if self.depth == 100 else f", {self.depth} % of the bids"
        return f"-{self.share} % in {self.hours} h{thin}"


FALLS = tuple(
    Fall(share, hours, depth) for share, depth in ((60, 100), (60, 50), (75, 100)) for hours in CRASH_HOURS
)


class Loans(Struct, frozen=True):
    """The results for owners and lenders on a path: BendDAO, ours without and with its caps."""

    benddao: Outcome
    uncapped: Outcome
    capped: Outcome


class Traders(Struct, frozen=True):
    """The two results for traders on a path."""

    nftperp: Outcome
    floorbook: Outcome


class Study(Struct, frozen=True):
    """All results."""

    seed: int
    loans: dict[str, list[Loans]]  # scenario -> one for each seed; of the first, ours is the engine's
    simulated: dict[str, Outcome]  # scenario -> what the hourly simulation says in its place
    traders: dict[str, Traders]  # crowd
    crashes: dict[Fall, Loans]
    unpaid: dict[int, Outcome]  # share of the open interest [%] -> nftperp


def study(seed: int) -> Study:
    """Return all results; the same seed gives the same ones."""
    june = paths.path(AZUKI, seed)
    loans = {name: [lend(*setting(name, seed + n), seed + n) for n in range(SEEDS)] for name in OWNERS}
    simulated = {name: runs[0].capped for name, runs in loans.items()}
    for name, runs in loans.items():
        path, who = setting(name, seed)
        runs[0] = structs.replace(runs[0], capped=Lending(who, path, seed).play())
    return Study(
        seed=seed,
        loans=loans,
        simulated=simulated,
        traders={crowd: trade(june, long_ppb) for crowd, long_ppb in CROWDS.items()},
        crashes={fall: lend(*crashing(fall, seed), seed) for fall in FALLS},
        unpaid={share: Nftperp(crowd_of(june, share, LONG_PPB), june).play() for share in INTEREST_SHARES},
    )


def setting(name: str, seed: int) -> tuple[Path, Accounts]:
    """Return a scenario's path and the owners on it."""
    path = paths.path(name, seed)
    return path, accounts(path, OWNERS[name], {})


def crashing(fall: Fall, seed: int) -> tuple[Path, Accounts]:
    """Return the path of a fall and 200 owners on it."""
    path = paths.crash(fall.hours, fall.depth * PERCENT, fall.share * PERCENT, seed)
    return path, accounts(path, {"AZUKI": 200}, {})


def lend(path: Path, who: Accounts, seed: int) -> Loans:
    """Return what the rule sets for loans make of the owners."""
    return Loans(
        BendDAO(who, path, seed).play(),
        Floorbook(who, path, seed, is_capped=False).play(),
        Floorbook(who, path, seed, is_capped=True).play(),
    )


def trade(path: Path, long_ppb: int) -> Traders:
    """Return what both venues for positions make of a crowd."""
    who = crowd_of(path, 100, long_ppb)
    return Traders(Nftperp(who, path).play(), Perpetuals(who, path).play())


def crowd_of(path: Path, share: int, long_ppb: int) -> Accounts:
    """Return the traders of a share [%] of the open interest."""
    return accounts(path, {}, {name: wanted * share // 100 for name, wanted in INTEREST.items()}, long_ppb)
