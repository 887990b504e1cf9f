"""Hyperliquid's user-signed actions that move money, as far as they mean something here.

Spot and perpetuals are one account, so nothing moves between them.  Money leaves only to its owner, and goes
only to accounts of the same owner.  Spec: docs/api.md §5
"""

from floorbook.core.commands import ApproveAgent, OpenSubAccount, Transfer, Withdraw
from floorbook.core.events import AccountOpened
from floorbook.gateway import schema
from floorbook.gateway.accounts import from_hex, to_hex
from floorbook.gateway.answers import Refused
from floorbook.gateway.calls import Call, asset_named, read_amount, to_ns
from floorbook.gateway.native import AGENT_TAKEN
from floorbook.units import ASSET_DECIMALS, USDC

AGENT_DAYS = 180  # how long an agent lives unless its name says otherwise
MS_PER_DAY = 86_400_000
VALID_UNTIL = " valid_until "
SUB_ACCOUNT = " subaccount:"


async def approve_agent(call: Call, action: schema.ApproveAgent) -> object:
    """Let a key trade for 180 days, or until what its name ends with: "bot valid_until 1790000000000"."""
    agent = from_hex(action.agent_address)
    if agent is None:
        raise Refused("agentAddress is no address: 0x and 40 hexadecimal digits.")
    if call.gateway.accounts.is_taken(agent, call.account):
        raise Refused(AGENT_TAKEN)
    _, _, until = (action.agent_name or "").partition(VALID_UNTIL)
    end = action.nonce + AGENT_DAYS * MS_PER_DAY
    if until.isascii() and until.isdigit():
        end = min(end, int(until[:18]))
    await call.do(call.say(ApproveAgent, agent=agent, until=to_ns(end)))
    return None


async def create_sub_account(call: Call, action: schema.CreateSubAccount) -> object:
    """Open another account of the owner and tell its address."""
    (opened,) = await call.do(call.say(OpenSubAccount))
    assert isinstance(opened, AccountOpened)
    return to_hex(call.gateway.accounts.address(opened.account))


async def sub_account_transfer(call: Call, action: schema.SubAccountTransfer) -> object:
    """Move USDC between the account spoken for and another of the owner; 1e-6 of it is an atom."""
    other = call.account_at(action.sub_account_user)
    if other not in _own(call):
        raise Refused("subAccountUser is not an account of the signer.")
    source, to = (call.account, other) if action.is_deposit else (other, call.account)
    moved = Transfer(
        account=source, signer=call.signer, nonce=call.nonce, valid_until=call.valid_until, to=to,
        asset=USDC, amount=action.usd,
    )  # fmt: skip
    await call.do(moved)
    return None


async def withdraw(call: Call, action: schema.Withdraw) -> object:
    """Take USDC out to the owner."""
    owner = call.gateway.accounts.owner(call.account)
    if owner is None or from_hex(action.destination) != owner.address:
        raise Refused("Money leaves only to its owner: the destination must be the account's own address.")
    amount = read_amount(action.amount, ASSET_DECIMALS[USDC])
    await call.do(call.say(Withdraw, asset=USDC, amount=amount))
    return None


async def usd_send(call: Call, action: schema.UsdSend) -> object:
    """Send USDC to another account of the owner."""
    return await _send(call, "USDC", action.amount, action.destination)


async def spot_send(call: Call, action: schema.SpotSend) -> object:
    """Send a token to another account of the owner."""
    return await _send(call, action.token, action.amount, action.destination)


async def send_asset(call: Call, action: schema.SendAsset) -> object:
    """Send a token to another account of the owner; between dexes of one account nothing moves."""
    if action.from_sub_account:
        source = call.account_at(action.from_sub_account)
        if source not in _own(call):
            raise Refused("fromSubAccount is not an account of the signer.")
        call = Call(
            gateway=call.gateway, account=source, signer=call.signer, nonce=call.nonce,
            valid_until=call.valid_until,
        )  # fmt: skip
    return await _send(call, action.token, action.amount, action.destination)


async def usd_class_transfer(call: Call, action: schema.UsdClassTransfer) -> object:
    """Nothing: spot and perpetuals are one account.  An amount that is not there is refused all the same."""
    words, _, sub_account = action.amount.partition(SUB_ACCOUNT)
    account = call.account_at(sub_account) if sub_account else call.account
    amount = read_amount(words, ASSET_DECIMALS[USDC])
    if account not in _own(call) or amount > call.gateway.state.kernel.cash(account, USDC):
        raise Refused("Insufficient balance for withdrawal or transfer.")
    return None


async def _send(call: Call, token: str, words: str, destination: str) -> object:
    asset = asset_named(token.partition(":")[0])
    amount = read_amount(words, ASSET_DECIMALS[asset])
    to = from_hex(destination)
    account = None if to is None else call.gateway.accounts.find(to)
    if account is None or account not in _own(call):
        raise Refused(
            f"{destination} is no account of the same owner: money goes to others only through the chain."
        )
    if account != call.account:
        await call.do(call.say(Transfer, to=account, asset=asset, amount=amount))
    return None


def _own(call: Call) -> list[int]:
    owner = call.gateway.accounts.owner(call.account)
    assert owner is not None, to_hex(call.signer)
    return owner.accounts
