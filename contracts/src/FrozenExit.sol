// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IFrozenExit, INftAuction} from "./interfaces/IFrozenExit.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";
import {IVault} from "./interfaces/IVault.sol";
import {Accounts} from "./libraries/Accounts.sol";
import {Batches} from "./libraries/Batches.sol";
import {Deposits} from "./libraries/Deposits.sol";
import {FrozenMath} from "./libraries/FrozenMath.sol";
import {MerkleSum} from "./libraries/MerkleSum.sol";
import {Payouts} from "./libraries/Payouts.sol";
import {FrozenPrices} from "./FrozenPrices.sol";

/// @title FrozenExit: everyone leaves a frozen exchange by the last final batch, without its operators
/// @notice T the freeze, R the batch. From T + 24 h accounts are registered at the prices of FrozenPrices,
/// from T + 24 h + 7 d claims are paid: principal by the factor f, gains by k, lenders as debts are repaid.
/// Who owes is paid, and gets tokens back, only after repaying. Anyone may take every step for anyone; money
/// goes to the owner. Each payment is what an account is owed in all less what it has had, so nothing is paid
/// twice; what all are owed is never more than what is there. Payouts of R go through Withdrawals, later
/// deposits back to who made them.
///
/// How it is stopped: it is not. It does nothing before a freeze, and nobody has any power over it after one.
/// @dev Amounts in [atoms], prices in [ticks], times in [s]. Spec: docs/spec/frozen-exit.md
contract FrozenExit is IFrozenExit, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @param owner who is paid; zero: not registered
    /// @param owes what is left of each debt, with interest until `accruedAt` [atoms]
    struct Account {
        address owner;
        uint40 registeredAt;
        uint40[2] accruedAt;
        uint128[2] principal;
        uint128[2] gains;
        uint128[2] owes;
        uint128[2] paid;
        uint128 lent;
        uint128 surplus; // of a sold token, until nothing is owed [atoms of ether]
        bytes32 tokensHash;
        uint256 openSale; // plus one; 0: none
    }

    struct Sale {
        uint64 account;
        uint32 collection;
        uint64 token;
    }

    /// @notice accounts are registered from then on after the freeze [s]
    uint256 public constant PRICE_TIME = 24 hours;
    /// @notice accounts are registered so long before the first payment [s]
    uint256 public constant REGISTRATION = 7 days;
    /// @notice a registered debt may stay unpaid so long before tokens are sold [s]
    uint256 public constant UNPAID = 7 days;

    uint256 private constant ASSETS = 2;

    ISettlement public immutable settlement;
    IVault public immutable vault;
    FrozenPrices public immutable prices;
    INftAuction public immutable auction;

    /// @notice when it was frozen [s]; 0: not opened
    uint64 public frozenAt;
    /// @notice of the frozen batch
    uint64 public accountCount;
    uint64 public depositSequence;
    bytes32 public accountsRoot;
    uint128[6] private _sums;

    FrozenMath.Pot[2] private _pots;
    mapping(uint64 account => Account) private _accounts;
    mapping(uint32 collection => mapping(uint64 token => bool)) public hasLeft;
    mapping(uint64 sequence => bool) public isRefunded;
    Sale[] public sales;
    /// @notice money of this contract that could not be delivered, or was sent beyond what was owed [atoms]
    mapping(address owner => mapping(uint32 asset => uint128)) public credits;

    event Opened(uint64 indexed batch, uint64 frozenAt);
    event Registered(uint64 indexed account, address indexed owner, bool late);
    event Claimed(uint64 indexed account, address indexed owner, uint32 asset, uint128 amount);
    event Repaid(uint64 indexed account, uint32 asset, uint128 amount, uint128 left);
    event TokenReclaimed(uint64 indexed account, uint32 collection, uint64 token);
    event SaleStarted(uint64 indexed account, uint256 indexed sale, uint32 collection, uint64 token);
    event Sold(uint64 indexed account, uint256 indexed sale, address indexed buyer, uint128 price);
    event DepositRefunded(uint64 indexed sequence, address indexed owner);
    event CreditWithdrawn(address indexed owner, uint32 asset, uint128 amount, address to);

    error NotFrozen();
    error NotOpened();
    error AlreadyOpened();
    error WrongBatch();
    error TooEarly(uint256 until);
    error NotInBatch();
    error WrongPositions();
    error WrongTokens();
    error AlreadyRegistered(uint64 account);
    error NotRegistered(uint64 account);
    error IsSystem(uint64 account);
    error StillOwes(uint64 account);
    error OwesNothing(uint64 account);
    error HasLeft(uint32 collection, uint64 token);
    error SaleIsOpen(uint256 sale);
    error NotAuction();
    error UnknownAsset(uint32 asset);
    error WrongValue(uint256 given, uint256 expected);
    error CannotRefund(uint64 sequence);
    error NoCredit();
    error TransferFailed();

    constructor(ISettlement settlement_, IVault vault_, FrozenPrices prices_, INftAuction auction_) {
        (settlement, vault, prices, auction) = (settlement_, vault_, prices_, auction_);
    }

    // ---- 1 the batch ---------------------------------------------------------------------------

    /// @notice bring the frozen batch; if none was final, an empty one: then every deposit is refunded
    function open(Batches.Batch calldata batch) external {
        uint64 time = settlement.frozenAt();
        uint64 number = settlement.frozenBatch();
        if (time == 0) revert NotFrozen();
        if (frozenAt != 0) revert AlreadyOpened();
        if (batch.number != number || (number != 0 && !settlement.isFinal(batch))) revert WrongBatch();

        // From here on it must succeed.
        frozenAt = time;
        emit Opened(number, time);
        if (number == 0) return;
        (accountCount, depositSequence) = (batch.accounts, batch.depositSequence);
        (accountsRoot, _sums) = (batch.accountsRoot, batch.sums);
        _pots[0].lent = batch.sums[Accounts.LENT];
        for (uint256 i = 0; i < ASSETS; ++i) {
            uint128 claims = batch.sums[2 * i];
            uint128 debts = batch.sums[2 * i + 1];
            uint128 lent = _pots[i].lent;
            _pots[i].assets = claims > debts ? claims - debts : 0;
            _pots[i].reserve = claims > lent ? claims - lent : 0;
        }
    }

    // ---- 2 accounts ----------------------------------------------------------------------------

    /// @notice count an account; after the registration time it counts at most as what was reserved for it
    function register(
        Accounts.Leaf calldata leaf,
        MerkleSum.Record[] calldata siblings,
        Accounts.Position[] calldata positions
    ) external {
        _requireSince(PRICE_TIME);
        if (_accounts[leaf.number].registeredAt != 0) revert AlreadyRegistered(leaf.number);
        if (!MerkleSum.isIn(accountsRoot, _sums, accountCount, leaf, siblings)) revert NotInBatch();
        if (Accounts.positionsHash(positions) != leaf.positionsHash) revert WrongPositions();
        (FrozenMath.Settled[2] memory settled, uint128 lent) = _settle(leaf, positions);
        bool late = block.timestamp >= frozenAt + PRICE_TIME + REGISTRATION;

        // From here on it must succeed.
        Account storage account = _accounts[leaf.number];
        account.owner = leaf.status & Accounts.SYSTEM == 0 ? leaf.owner : address(0);
        account.registeredAt = uint40(block.timestamp);
        account.lent = lent;
        account.tokensHash = leaf.tokensHash;
        for (uint256 i = 0; i < ASSETS; ++i) {
            uint128 held = _held(leaf, i);
            if (late) settled[i] = FrozenMath.capped(settled[i], held);
            else _count(_pots[i], settled[i], held);
            account.principal[i] = settled[i].principal;
            account.gains[i] = settled[i].gains;
            account.owes[i] = settled[i].debt;
            account.accruedAt[i] = uint40(frozenAt);
        }
        emit Registered(leaf.number, leaf.owner, late);
    }

    /// @notice pay an account what it is owed and has not had; anyone may ask, its owner is paid
    function claim(uint64 number) external nonReentrant {
        _requireSince(PRICE_TIME + REGISTRATION);
        Account storage account = _registered(number);
        if (_isInDebt(account)) revert StillOwes(number);

        for (uint32 i = 0; i < ASSETS; ++i) {
            uint128 amount = _due(account, i);
            account.paid[i] += amount;
            uint128 fromVault = _draw(_pots[i], amount);
            uint128 own = amount - fromVault;
            if (i == 0) {
                own += account.surplus;
                account.surplus = 0;
            }
            if (fromVault > 0) vault.pay(Payouts.MONEY, i, fromVault, account.owner);
            if (own > 0) _payOwn(account.owner, i, own);
            if (fromVault + own > 0) emit Claimed(number, account.owner, i, fromVault + own);
        }
    }

    // ---- 3 debts -------------------------------------------------------------------------------

    /// @notice pay at most `most` of an account's debt; ether is sent along, what is not needed is credited
    function repay(uint64 number, uint32 asset, uint128 most) external payable nonReentrant {
        if (asset >= ASSETS) revert UnknownAsset(asset);
        (address token, uint128 unit) = vault.assets(asset);
        uint256 expected = token == address(0) ? uint256(most) * unit : 0;
        if (msg.value != expected || most == 0) revert WrongValue(msg.value, expected);
        Account storage account = _accounts[number];
        if (account.registeredAt == 0) revert NotRegistered(number);

        uint128 debt = _accrue(account, asset);
        if (debt == 0) revert OwesNothing(number);
        uint128 amount = most < debt ? most : debt;
        _take(number, account, asset, amount);
        if (asset == Payouts.ETHER && amount == debt) _endSale(account);
        if (token == address(0)) credits[msg.sender][asset] += most - amount;
        else IERC20(token).safeTransferFrom(msg.sender, address(this), uint256(amount) * unit);
    }

    /// @notice give a token back to the owner of an account that owes nothing
    /// @param tokens all of the account
    function reclaimToken(uint64 number, Accounts.Token[] calldata tokens, uint256 index)
        external
        nonReentrant
    {
        Account storage account = _registered(number);
        if (_isInDebt(account)) revert StillOwes(number);
        Accounts.Token calldata token = _token(account, tokens, index);

        // From here on it must succeed.
        hasLeft[token.collection][token.token] = true;
        emit TokenReclaimed(number, token.collection, token.token);
        vault.pay(Payouts.TOKEN, token.collection, token.token, account.owner);
    }

    /// @notice sell a token of an account whose debt of ether has been unpaid for a week; one at a time
    function startAuction(uint64 number, Accounts.Token[] calldata tokens, uint256 index)
        external
        nonReentrant
    {
        Account storage account = _registered(number);
        uint256 until = account.registeredAt + UNPAID;
        if (block.timestamp < until) revert TooEarly(until);
        if (account.openSale != 0) revert SaleIsOpen(account.openSale - 1);
        uint128 debt = _accrue(account, Payouts.ETHER);
        if (debt == 0) revert OwesNothing(number);
        Accounts.Token calldata token = _token(account, tokens, index);

        // From here on it must succeed.
        sales.push(Sale(number, token.collection, token.token));
        account.openSale = sales.length;
        emit SaleStarted(number, sales.length - 1, token.collection, token.token);
        uint256 sale = auction.open(token.collection, token.token, debt);
        assert(sale == sales.length - 1);
    }

    /// @inheritdoc IFrozenExit
    /// @dev The debt first; the rest is the owner's once he owes nothing. No penalty, no fee.
    function settleSale(uint256 sale, address buyer, uint128 price) external payable nonReentrant {
        if (msg.sender != address(auction)) revert NotAuction();
        Sale memory sold = sales[sale];
        Account storage account = _accounts[sold.account];

        // From here on it must succeed.
        account.openSale = 0;
        hasLeft[sold.collection][sold.token] = true;
        uint128 debt = _accrue(account, Payouts.ETHER);
        uint128 toDebt = price < debt ? price : debt;
        if (toDebt > 0) _take(sold.account, account, Payouts.ETHER, toDebt);
        account.surplus += price - toDebt;
        emit Sold(sold.account, sale, buyer, price);
        vault.pay(Payouts.TOKEN, sold.collection, sold.token, buyer);
    }

    // ---- 4 deposits ----------------------------------------------------------------------------

    /// @notice give a deposit back that the frozen batch does not know
    function refundDeposit(uint64 sequence, address owner, uint8 kind, uint32 id, uint128 value)
        external
        nonReentrant
    {
        _requireSince(0);
        bytes32 record = Deposits.recordHash(sequence, owner, kind, id, value);
        bool isUnknown = sequence > depositSequence && vault.deposits(sequence) == record;
        // The vault's own deposits back what it owed before, they are nobody's.
        if (!isUnknown || isRefunded[sequence] || owner == address(vault)) revert CannotRefund(sequence);

        // From here on it must succeed.
        isRefunded[sequence] = true;
        emit DepositRefunded(sequence, owner);
        vault.pay(kind, id, value, owner);
    }

    /// @notice fetch own credits
    function withdrawCredit(uint32 asset, address to) external nonReentrant {
        uint128 amount = credits[msg.sender][asset];
        if (amount == 0) revert NoCredit();

        // From here on it must succeed.
        credits[msg.sender][asset] = 0;
        if (!_send(to, asset, amount, gasleft())) revert TransferFailed();
        emit CreditWithdrawn(msg.sender, asset, amount, to);
    }

    // ---- views ---------------------------------------------------------------------------------

    function pots(uint32 asset) external view returns (FrozenMath.Pot memory) {
        return _pots[asset];
    }

    function accounts(uint64 number) external view returns (Account memory) {
        return _accounts[number];
    }

    /// @notice what the account owes now, with interest [atoms]
    function owed(uint64 number, uint32 asset) external view returns (uint128) {
        return _owed(_accounts[number], asset);
    }

    /// @notice what `claim` would pay now, surplus of sales aside [atoms]; 0 while the account owes
    function due(uint64 number, uint32 asset) external view returns (uint128) {
        Account storage account = _accounts[number];
        return _isInDebt(account) ? 0 : _due(account, asset);
    }

    /// @notice f and k of an asset, as fractions
    function factors(uint32 asset) external view returns (uint256 f, uint256 fOf, uint256 k, uint256 kOf) {
        return FrozenMath.factors(_pots[asset]);
    }

    // ---- parts ---------------------------------------------------------------------------------

    /// @dev The account with its positions closed, and what of its principal debtors hold.
    function _settle(Accounts.Leaf calldata leaf, Accounts.Position[] calldata positions)
        private
        view
        returns (FrozenMath.Settled[2] memory settled, uint128 lent)
    {
        int256[2] memory base;
        uint256[2] memory gains;
        for (uint256 i = 0; i < ASSETS; ++i) {
            base[i] = int256(uint256(leaf.lanes[2 * i])) - int256(uint256(leaf.lanes[2 * i + 1]));
        }
        for (uint256 i = 0; i < positions.length; ++i) {
            Accounts.Position calldata p = positions[i];
            FrozenMath.Market memory market = prices.settled(p.market);
            int256 profit = FrozenMath.profit(p.upnl, p.size, market);
            base[market.asset] += (profit < 0 ? profit : int256(0)) - p.upnl;
            if (profit > 0) gains[market.asset] += uint256(profit);
        }
        for (uint256 i = 0; i < ASSETS; ++i) {
            settled[i] = FrozenMath.settle(base[i], gains[i]);
        }
        lent = leaf.lanes[Accounts.LENT];
        if (lent > settled[0].principal) lent = settled[0].principal;
        settled[0].principal -= lent;
        if (leaf.status & Accounts.SYSTEM == 0) return (settled, lent);
        // The exchange's own money stands behind everybody else's.
        for (uint256 i = 0; i < ASSETS; ++i) {
            (settled[i].principal, settled[i].gains) = (0, 0);
        }
        lent = 0;
    }

    /// @dev What was reserved for an account: its claim at the marks, less what is lent.
    function _held(Accounts.Leaf calldata leaf, uint256 asset) private pure returns (uint128) {
        uint128 claim_ = leaf.lanes[2 * asset];
        uint128 lent = asset == 0 ? leaf.lanes[Accounts.LENT] : 0;
        return claim_ > lent ? claim_ - lent : 0;
    }

    function _count(FrozenMath.Pot storage pot, FrozenMath.Settled memory settled, uint128 held) private {
        pot.principal += settled.principal;
        pot.gains += settled.gains;
        pot.reserve = pot.reserve > held ? pot.reserve - held : 0;
    }

    /// @dev Never more than what is left of pot and recoveries, whatever the operators signed.
    function _due(Account storage account, uint32 asset) private view returns (uint128) {
        FrozenMath.Pot memory pot = _pots[asset];
        uint128 lent = asset == 0 ? account.lent : 0;
        uint256 total = FrozenMath.entitlementDown(pot, account.principal[asset], account.gains[asset], lent);
        uint256 rest = uint256(pot.assets) + pot.recovered - pot.paid;
        uint256 open_ = total - account.paid[asset];
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint128(open_ < rest ? open_ : rest); // at most a pot
    }

    /// @dev Count a payment; the vault pays while it has the pot, then what debtors have repaid here.
    function _draw(FrozenMath.Pot storage pot, uint128 amount) private returns (uint128 fromVault) {
        uint128 left = pot.paid < pot.assets ? pot.assets - pot.paid : 0;
        pot.paid += amount;
        return amount < left ? amount : left;
    }

    function _take(uint64 number, Account storage account, uint32 asset, uint128 amount) private {
        account.owes[asset] -= amount;
        _pots[asset].recovered += amount;
        emit Repaid(number, asset, amount, account.owes[asset]);
    }

    function _accrue(Account storage account, uint32 asset) private returns (uint128 owed_) {
        owed_ = _owed(account, asset);
        account.owes[asset] = owed_;
        account.accruedAt[asset] = uint40(block.timestamp);
    }

    function _owed(Account storage account, uint32 asset) private view returns (uint128) {
        uint256 time = block.timestamp - account.accruedAt[asset];
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint128(FrozenMath.withInterestUp(account.owes[asset], time)); // 10 % a year of what fits half
    }

    function _isInDebt(Account storage account) private view returns (bool) {
        return account.owes[0] != 0 || account.owes[1] != 0;
    }

    function _registered(uint64 number) private view returns (Account storage account) {
        account = _accounts[number];
        if (account.registeredAt == 0) revert NotRegistered(number);
        if (account.owner == address(0)) revert IsSystem(number);
    }

    /// @dev One of the account's tokens that has not left; the list is the whole one it was committed to.
    function _token(Account storage account, Accounts.Token[] calldata tokens, uint256 index)
        private
        view
        returns (Accounts.Token calldata token)
    {
        if (Accounts.tokensHash(tokens) != account.tokensHash || index >= tokens.length) {
            revert WrongTokens();
        }
        token = tokens[index];
        if (hasLeft[token.collection][token.token]) revert HasLeft(token.collection, token.token);
    }

    /// @dev What nobody owes is not for sale, not even until its owner has fetched it.
    function _endSale(Account storage account) private {
        uint256 open_ = account.openSale;
        if (open_ == 0) return;
        account.openSale = 0;
        auction.cancel(open_ - 1);
    }

    /// @dev Who cannot be paid fetches it himself: nobody else waits for him.
    function _payOwn(address to, uint32 asset, uint128 amount) private {
        if (!_send(to, asset, amount, 50_000)) credits[to][asset] += amount;
    }

    function _send(address to, uint32 asset, uint128 amount, uint256 gas_) private returns (bool sent) {
        (address token, uint128 unit) = vault.assets(asset);
        uint256 value = uint256(amount) * unit;
        if (token != address(0)) return IERC20(token).trySafeTransfer(to, value);
        assembly ("memory-safe") {
            sent := call(gas_, to, value, 0, 0, 0, 0)
        }
    }

    function _requireSince(uint256 time) private view {
        if (frozenAt == 0) revert NotOpened();
        if (block.timestamp < frozenAt + time) revert TooEarly(frozenAt + time);
    }
}
