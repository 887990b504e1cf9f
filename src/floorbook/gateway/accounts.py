"""Which account an address means, and whose agent a key is.

    owner         his primary account
    sub-account   last 20 bytes of keccak(owner | its number among the owner's accounts, 4 bytes big-endian)
    system        last 20 bytes of keccak(its name): an address that nobody has a key for

Accounts and owners are only ever added.  Which owners an agent ever had is kept as they are told, whether it
still is their agent is looked up in the state.  Spec: docs/api.md §3
"""

from collections.abc import Iterable

from floorbook.core.engine.authority import is_system
from floorbook.core.events import AgentApproved
from floorbook.core.state import Owner, State
from floorbook.gateway.exchange import Group
from floorbook.journal.machine import Applied
from floorbook.pricing.eip712 import ADDRESS_BYTES, keccak256


class Accounts:
    """The accounts of an exchange by address."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._addresses: list[bytes] = []  # by account
        self._accounts: dict[bytes, int] = {}
        self._employers: dict[bytes, list[bytes]] = {}  # agent -> owners, the first approval first
        for owner in state.owners.values():
            self._note(owner.agents, owner.address)

    def follow(self, group: Group) -> None:
        """Note the agents that a group of commands approved."""
        for applied in group:
            for event in applied.events if isinstance(applied, Applied) else ():
                if isinstance(event, AgentApproved):
                    self._note([event.agent], self._state.owner_of[event.account])

    def find(self, address: bytes) -> int | None:
        """Return the account of an address; None if it has none."""
        self._look()
        return self._accounts.get(address)

    def address(self, account: int) -> bytes:
        """Return the address of an account that exists."""
        self._look()
        return self._addresses[account]

    def owner(self, account: int) -> Owner | None:
        """Return who owns an account; None: it is the exchange's own."""
        return self._state.owners.get(self._state.owner_of[account])

    def principal(self, signer: bytes) -> Owner | None:
        """Return the owner that a key speaks for: itself, or whose approved agent it is now."""
        if owner := self._state.owners.get(signer):
            return owner
        for address in self._employers.get(signer, ()):
            owner = self._state.owners[address]
            if owner.agents.get(signer, 0) > self._state.now:
                return owner
        return None

    def is_taken(self, agent: bytes, account: int) -> bool:
        """Return whether a key acts for another owner than the account's now.

        Approving another one's agent would leave open for whom its next order is meant.
        """
        own, now = self._state.owner_of[account], self._state.now
        others = [owner for owner in self._employers.get(agent, ()) if owner != own]
        return any(self._state.owners[owner].agents.get(agent, 0) > now for owner in others)

    def _note(self, agents: Iterable[bytes], owner: bytes) -> None:
        for agent in agents:
            employers = self._employers.setdefault(agent, [])
            if owner not in employers:
                employers.append(owner)

    def _look(self) -> None:
        for account in range(len(self._addresses), len(self._state.owner_of)):
            address = self._address_of(account)
            self._addresses.append(address)
            self._accounts[address] = account

    def _address_of(self, account: int) -> bytes:
        name = self._state.owner_of[account]
        if is_system(self._state, account):
            return keccak256(name)[-ADDRESS_BYTES:]
        accounts = self._state.owners[name].accounts
        number = accounts.index(account)
        return sub_account_address(name, number) if number else name


def sub_account_address(owner: bytes, number: int) -> bytes:
    """Return the address of the owner's account `number`, the primary one being 0."""
    return keccak256(owner + number.to_bytes(4))[-ADDRESS_BYTES:]


def to_hex(address: bytes) -> str:
    """Return an address as the wire writes it: 0x and lower case."""
    return f"0x{address.hex()}"


def from_hex(text: str) -> bytes | None:
    """Return the 20 bytes of an address, with or without 0x; None if the text is none."""
    digits = text[2:] if text[:2] in ("0x", "0X") else text
    try:
        address = bytes.fromhex(digits)
    except ValueError:
        return None
    is_plain = len(digits) == 2 * ADDRESS_BYTES and len(address) == ADDRESS_BYTES
    return address if is_plain else None
