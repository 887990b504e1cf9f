// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";
import {IVault} from "./interfaces/IVault.sol";
import {IWrappedEther} from "./interfaces/IWrappedEther.sol";
import {Accounts} from "./libraries/Accounts.sol";
import {Batches} from "./libraries/Batches.sol";
import {MerkleSum} from "./libraries/MerkleSum.sol";
import {Payouts} from "./libraries/Payouts.sol";
import {Vault} from "./Vault.sol";

/// @title DelayedVault: shares of money that works in a vault of the exchange, left only with a delay
/// @notice Members bring WETH. What no exit has asked for is deployed: deposited in the exchange for this
/// contract's own account, which enters the engine's vault. It is worth what a final batch says.
///
///     entry assets = idle + deployed + in flight                    shares down, amounts up
///     exit assets  = idle + max(0, deployed - provision) + in flight, at most idle is paid
///
/// Only what this contract counted itself is an asset: what is sent here is nobody's.
/// @dev A share of the first day is 1e-6 wei: six decimals of virtual shares. Spec: docs/spec/vaults.md
abstract contract DelayedVault is ERC4626, ReentrancyGuardTransient {
    uint256 public constant ATOM = 1 gwei; // [wei]
    uint256 public constant ENTRY_MIN = 0.001 ether; // [wei]
    uint256 public constant RETURN_MIN = 0.001 ether; // [wei] less than that comes as a credit
    uint256 public constant DEPLOY_MIN = 0.1 ether / ATOM; // [atoms]
    uint256 public constant EXIT_DELAY = 48 hours; // [s]
    uint256 public constant EXIT_WINDOW = 48 hours; // [s]
    uint256 public constant RECALL_TIME = 7 days; // [s] what has not come back by then is not waited for
    uint256 public constant REPORT_AGE_MAX = 24 hours; // [s] beyond the settlement's window
    uint256 public constant CLOCK_AHEAD_MAX = 15 minutes; // [s] a batch's time may be ahead of the chain's
    uint256 public constant FLIGHTS_MAX = 16;
    uint256 public constant RETURNS_MAX = 32;
    uint256 private constant SPENT = 1000; // a share below 1 / SPENT of par: new ones would not fit beside it

    /// @dev one word, and the next: a payment has to fit into the gas that the exchange's vault gives it
    /// @param idle counted here, wrapped or not [wei]
    /// @param deployed what the last report says, less what has come back since [atoms]
    /// @param reportedAt time of the last report's batch, or of the first deposit [s]
    /// @param unsettled how many payments that batch may not have included
    struct Book {
        uint96 idle;
        uint64 deployed;
        uint40 reportedAt;
        uint8 unsettled;
    }

    /// @param asked recalled from the exchange, and not settled [atoms]
    /// @param received came back since [atoms]
    /// @param time of the last recall [s]
    struct Recall {
        uint64 asked;
        uint64 received;
        uint40 time;
    }

    /// @param time or the deposit's sequence
    struct Move {
        uint64 time;
        uint64 atoms;
    }

    struct Request {
        uint216 shares;
        uint40 time; // [s]
    }

    IVault public immutable vault;
    ISettlement public immutable settlement;

    Book public book;
    Recall public recalled;
    Move[] private flights; // deposits that no reported batch includes; `time` is the sequence
    Move[RETURNS_MAX] private returned; // the first `unsettled` of them, zeros beyond
    uint64 public provision; // [atoms] the loss foreseen at the last report
    uint64 public reportedBatch;
    uint64 public account; // of this contract in the exchange, plus one; 0: not seen yet
    mapping(address owner => Request) public requests;
    uint256 public sharesAsked; // of all requests

    event Deployed(uint64 indexed sequence, uint128 atoms);
    event ExitRequested(address indexed owner, uint256 shares, uint256 opensAt, uint256 closesAt);
    event Recalled(uint128 atoms);
    event Returned(uint256 amount);
    event ValueReported(uint64 indexed batch, uint64 deployed, uint64 provision);

    error EntryBelowMinimum(uint256 assets);
    error SharesAsked(address owner, uint256 balance, uint256 asked);
    error AskedForByOthers(uint256 atoms, uint256 free);
    error TooManyFlights();
    error NothingMissing(uint256 missing);
    error NotFinal(uint64 batch);
    error NotNewer(uint64 batch, uint64 last);
    error NotInBatch(uint64 account);
    error NotOwnAccount(uint64 account, address owner);
    error RequestStands(address owner);
    error NotExpected(address sender);
    error ReturnBelowMinimum(uint256 amount);

    constructor(IWrappedEther weth, IVault vault_, ISettlement settlement_) ERC4626(weth) {
        (vault, settlement) = (vault_, settlement_);
    }

    /// @notice ether comes from the exchange's vault or its modules, or out of WETH
    receive() external payable {
        if (msg.sender == asset()) return;
        if (!_isExchange(msg.sender)) revert NotExpected(msg.sender);
        if (msg.value < RETURN_MIN) revert ReturnBelowMinimum(msg.value);
        Book memory b = book;

        // From here on it must succeed.
        uint64 atoms = SafeCast.toUint64(msg.value / ATOM);
        if (b.unsettled < RETURNS_MAX) ++b.unsettled;
        // Never refused: what comes while all places are taken is added to the newest.
        Move storage newest = returned[b.unsettled - 1];
        (newest.time, newest.atoms) = (SafeCast.toUint64(block.timestamp), newest.atoms + atoms);
        b.idle += SafeCast.toUint96(msg.value);
        b.deployed -= atoms < b.deployed ? atoms : b.deployed;
        book = b;
        if (recalled.asked > 0) recalled.received += atoms;
        emit Returned(msg.value);
    }

    // ---- going out -----------------------------------------------------------------------------

    /// @notice ask for an exit of `shares`, paid from 48 h on, for 48 h; replaces the last request, 0: none
    /// @dev The shares asked for stay where they are until then, and go on earning and losing.
    function requestExit(uint256 shares) external nonReentrant {
        if (shares > balanceOf(msg.sender)) revert SharesAsked(msg.sender, balanceOf(msg.sender), shares);

        // From here on it must succeed.
        sharesAsked = sharesAsked - requests[msg.sender].shares + shares;
        requests[msg.sender] = Request(SafeCast.toUint216(shares), SafeCast.toUint40(block.timestamp));
        uint256 opens = block.timestamp + EXIT_DELAY;
        emit ExitRequested(msg.sender, shares, opens, opens + EXIT_WINDOW);
        uint256 missing = missingAtoms();
        if (missing > 0) _recall(missing);
    }

    /// @notice forget a request whose window has passed; anyone may
    function forget(address owner) external {
        Request memory request = requests[owner];
        if (block.timestamp < request.time + EXIT_DELAY + EXIT_WINDOW) revert RequestStands(owner);

        // From here on it must succeed.
        sharesAsked -= request.shares;
        delete requests[owner];
        emit ExitRequested(owner, 0, 0, 0);
    }

    /// @inheritdoc ERC4626
    /// @dev At most what was asked for 48 h ago and what is idle; nothing while the value is not known.
    function maxRedeem(address owner) public view override returns (uint256) {
        Request memory request = requests[owner];
        uint256 opens = request.time + EXIT_DELAY;
        if (block.timestamp < opens || block.timestamp >= opens + EXIT_WINDOW || !_isPriced()) return 0;
        if (previewRedeem(request.shares) <= book.idle) return request.shares;
        return Math.mulDiv(book.idle, _virtualSupply(), exitAssets() + 1);
    }

    /// @inheritdoc ERC4626
    function previewRedeem(uint256 shares) public view override returns (uint256) {
        return Math.mulDiv(shares, exitAssets() + 1, _virtualSupply());
    }

    /// @inheritdoc ERC4626
    function previewWithdraw(uint256 assets) public view override returns (uint256) {
        return Math.mulDiv(assets, _virtualSupply(), exitAssets() + 1, Math.Rounding.Ceil);
    }

    // ---- coming in -----------------------------------------------------------------------------

    /// @inheritdoc ERC4626
    /// @dev Nothing while the value is not known, money is under way back, or the vault is closed or spent.
    function maxDeposit(address) public view override returns (uint256) {
        bool isSpent = (totalAssets() + 1) * 10 ** _decimalsOffset() * SPENT < totalSupply();
        bool isOpen =
            settlement.frozenAt() == 0 && _isPriced() && recalled.asked == 0 && !isSpent && !_isClosed();
        return isOpen ? type(uint96).max - book.idle : 0;
    }

    /// @inheritdoc ERC4626
    function maxMint(address owner) public view override returns (uint256) {
        return _convertToShares(maxDeposit(owner), Math.Rounding.Floor);
    }

    /// @inheritdoc ERC4626
    function totalAssets() public view override returns (uint256) {
        return book.idle + (uint256(book.deployed) + _inFlight()) * ATOM;
    }

    /// @notice what leaving members share [wei]: without the loss that is foreseen; once frozen, what is here
    function exitAssets() public view returns (uint256) {
        if (settlement.frozenAt() != 0) return book.idle;
        uint256 sure = book.deployed > provision ? book.deployed - provision : 0;
        return book.idle + (sure + _inFlight()) * ATOM;
    }

    // ---- at work in the exchange ---------------------------------------------------------------

    /// @notice deposit idle money [atoms] in the exchange, beyond what exits have asked for; anyone may
    function deploy(uint128 atoms) external nonReentrant returns (uint64 sequence) {
        uint256 amount = uint256(atoms) * ATOM;
        uint256 needed = _askedAssets();
        uint256 free = book.idle > needed ? book.idle - needed : 0;
        if (atoms < DEPLOY_MIN || amount > free) revert AskedForByOthers(atoms, free / ATOM);
        if (flights.length == FLIGHTS_MAX) revert TooManyFlights();

        // From here on it must succeed.
        if (book.deployed == 0 && flights.length == 0) book.reportedAt = SafeCast.toUint40(block.timestamp);
        book.idle -= SafeCast.toUint96(amount);
        flights.push(Move(vault.lastSequence() + 1, SafeCast.toUint64(atoms)));
        if (address(this).balance < amount) {
            IWrappedEther(asset()).withdraw(amount - address(this).balance);
        }
        sequence = vault.depositEther{value: amount}(address(this));
        emit Deployed(sequence, atoms);
    }

    /// @notice ask the exchange for money [atoms] that exits need; anyone may
    function recall(uint128 atoms) external nonReentrant {
        uint256 missing = missingAtoms();
        if (atoms == 0 || atoms > missing) revert NothingMissing(missing);

        // From here on it must succeed.
        _recall(atoms);
    }

    /// @notice what exits have asked for, and is neither here nor recalled [atoms]
    function missingAtoms() public view returns (uint256) {
        uint256 coming = recalled.asked > recalled.received ? recalled.asked - recalled.received : 0;
        if (block.timestamp >= recalled.time + RECALL_TIME) coming = 0;
        uint256 there = book.idle + coming * ATOM;
        uint256 needed = _askedAssets();
        return needed > there ? Math.min(Math.ceilDiv(needed - there, ATOM), book.deployed) : 0;
    }

    /// @notice say what a final batch, newer than the last, says this contract's account is worth; anyone may
    /// @param siblings records beside the account's path, from the leaf upwards
    function report(
        Batches.Batch calldata b,
        Accounts.Leaf calldata leaf,
        MerkleSum.Record[] calldata siblings
    ) external nonReentrant {
        if (b.number <= reportedBatch) revert NotNewer(b.number, reportedBatch);
        if (!settlement.isFinal(b)) revert NotFinal(b.number);
        if (!MerkleSum.isIn(b.accountsRoot, b.sums, b.accounts, leaf, siblings)) {
            revert NotInBatch(leaf.number);
        }
        bool isOwn = leaf.owner == address(this) && (account == 0 || account == leaf.number + 1);
        if (!isOwn) revert NotOwnAccount(leaf.number, leaf.owner);

        // From here on it must succeed.
        (reportedBatch, account) = (b.number, leaf.number + 1);
        _dropFlights(b.depositSequence);
        uint256 gone = _dropReturns(b.time);
        uint256 claim = leaf.lanes[Accounts.CLAIMS];
        book.deployed = SafeCast.toUint64(claim > gone ? claim - gone : 0);
        book.reportedAt = SafeCast.toUint40(b.time);
        provision = SafeCast.toUint64(Math.min(claim, _provision(b, leaf)));
        bool isOver = recalled.received >= recalled.asked || block.timestamp >= recalled.time + RECALL_TIME;
        if (isOver && book.unsettled == 0) delete recalled;
        emit ValueReported(b.number, book.deployed, provision);
    }

    /// @notice fetch what the exchange's vault, or a module of it, could not deliver; anyone may
    function collectCredit(address from) external {
        if (!_isExchange(from)) revert NotExpected(from);
        Vault(payable(from)).withdrawCredit(Payouts.ETHER, address(this)); // FrozenExit has the same door
    }

    /// @dev the loss that is foreseen for this contract's account [atoms], rounded up
    function _provision(Batches.Batch calldata b, Accounts.Leaf calldata leaf)
        internal
        view
        virtual
        returns (uint256);

    /// @dev whether newcomers have to wait
    function _isClosed() internal view virtual returns (bool);

    // ---- what is counted -----------------------------------------------------------------------

    /// @dev A report is fresh, or nothing is in the exchange, or the exchange has ended.
    function _isPriced() private view returns (bool) {
        if (settlement.frozenAt() != 0) return true;
        if (book.deployed == 0 && flights.length == 0) return true;
        return block.timestamp <= book.reportedAt + settlement.window() + REPORT_AGE_MAX;
    }

    function _askedAssets() private view returns (uint256) {
        return Math.mulDiv(sharesAsked, totalAssets() + 1, _virtualSupply(), Math.Rounding.Ceil);
    }

    function _inFlight() private view returns (uint256 atoms) {
        for (uint256 i = 0; i < flights.length; ++i) {
            atoms += flights[i].atoms;
        }
    }

    function _recall(uint256 atoms) private {
        if (block.timestamp >= recalled.time + RECALL_TIME) delete recalled;
        recalled.asked += SafeCast.toUint64(atoms);
        recalled.time = SafeCast.toUint40(block.timestamp);
        emit Recalled(SafeCast.toUint128(atoms));
    }

    function _dropFlights(uint64 sequence) private {
        uint256 i = 0;
        while (i < flights.length) {
            if (flights[i].time > sequence) {
                ++i;
                continue;
            }
            flights[i] = flights[flights.length - 1];
            flights.pop();
        }
    }

    /// @dev forget the returns that the batch of that time surely includes; the sum of the others [atoms]
    function _dropReturns(uint64 time) private returns (uint256 gone) {
        uint8 kept = 0;
        for (uint256 i = 0; i < book.unsettled; ++i) {
            Move memory one = returned[i];
            delete returned[i];
            if (one.time + CLOCK_AHEAD_MAX <= time) continue;
            gone += one.atoms;
            returned[kept++] = one;
        }
        book.unsettled = kept;
    }

    function _deposit(address caller, address receiver, uint256 assets, uint256 shares)
        internal
        override
        nonReentrant
    {
        if (assets < ENTRY_MIN || shares == 0) revert EntryBelowMinimum(assets);

        // From here on it must succeed.
        book.idle += SafeCast.toUint96(assets);
        super._deposit(caller, receiver, assets, shares);
    }

    function _withdraw(address caller, address receiver, address owner, uint256 assets, uint256 shares)
        internal
        override
        nonReentrant
    {
        // OpenZeppelin has checked maxRedeem or maxWithdraw: from here on it must succeed.
        requests[owner].shares -= SafeCast.toUint216(shares);
        sharesAsked -= shares;
        book.idle -= SafeCast.toUint96(assets);
        super._withdraw(caller, receiver, owner, assets, shares);
    }

    function _transferOut(address to, uint256 assets) internal override {
        uint256 wrapped = IWrappedEther(asset()).balanceOf(address(this));
        if (wrapped < assets) IWrappedEther(asset()).deposit{value: assets - wrapped}();
        super._transferOut(to, assets);
    }

    /// @dev Shares asked for stay: else one request would serve whoever buys them.
    function _update(address from, address to, uint256 shares) internal override {
        super._update(from, to, shares);
        if (from != address(0) && balanceOf(from) < requests[from].shares) {
            revert SharesAsked(from, balanceOf(from), requests[from].shares);
        }
    }

    function _isExchange(address sender) private view returns (bool) {
        return sender == address(vault) || Vault(payable(address(vault))).modules(sender);
    }

    function _virtualSupply() private view returns (uint256) {
        return totalSupply() + 10 ** _decimalsOffset();
    }

    function _decimalsOffset() internal pure override returns (uint8) {
        return 6;
    }
}
