// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Administered} from "./Administered.sol";
import {IVault} from "./interfaces/IVault.sol";
import {Deposits} from "./libraries/Deposits.sol";
import {Payouts} from "./libraries/Payouts.sol";

/// @title Vault: custody of the exchange's ether, USDC and tokens
/// @notice A deposit is numbered and recorded; that event alone is credited by the exchange. Money and
/// tokens leave only by `pay`, which only the modules may call: Withdrawals with a proof, FrozenExit after
/// a freeze. The admin cannot take, stop or redirect a payment. What is sent here without a deposit belongs
/// to nobody.
/// How it is stopped: the guardian pauses deposits, the admin resumes them; a freeze of the settlement
/// closes them for ever. Payments cannot be stopped here.
contract Vault is IVault, Administered, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @param sequence of the last deposit
    /// @param etherAtoms all ever deposited [atoms]
    /// @param usdcAtoms all ever deposited [atoms]
    /// @param open false: the guardian paused deposits
    /// @param closed true: for ever
    struct Inflow {
        uint64 sequence;
        uint88 etherAtoms;
        uint88 usdcAtoms;
        bool open;
        bool closed;
    }

    /// @notice one atom of ether [wei]
    uint256 public constant ETHER_UNIT = 1 gwei;
    /// @notice the largest token id that the exchange can name
    uint256 public constant TOKEN_ID_MAX = 2 ** 40 - 1;
    /// @notice the most that is ever received of an asset: the exchange counts in 63 bits [atoms]
    uint256 public constant RECEIVED_MAX = 2 ** 63 - 1;
    /// @notice what a receiver of ether may spend before the payment becomes a credit [gas]
    uint256 public constant PAY_GAS = 50_000;
    /// @dev what must be left for it: 64/63 of it, a call to a new account, and a credit [gas]
    uint256 private constant PAY_GAS_LEFT = 125_000;
    /// @notice key of the collection `id` is COLLECTION + id
    bytes32 public constant COLLECTION = "collection";
    uint256 private constant LANE_BITS = 64;

    IERC20 public immutable usdc;
    /// @notice who may pay
    address public immutable withdrawals;
    /// @notice who may pay, after a freeze
    address public immutable frozenExit;
    address private immutable deployer;

    Inflow private _inflow;
    /// @dev four lanes of 64 bits [atoms]: all ever paid of ether and of USDC, then what had been received of
    /// each when that was last looked up. Received never falls, so only a payment beyond it looks again.
    uint256 private _outflow;

    /// @inheritdoc IVault
    mapping(uint64 sequence => bytes32) public deposits;
    /// @inheritdoc IVault
    mapping(uint32 collection => address) public collections;
    /// @notice money that could not be delivered [atoms]
    mapping(address owner => mapping(uint32 asset => uint128)) public credits;
    /// @notice whose a token is that could not be delivered
    mapping(uint32 collection => mapping(uint256 tokenId => address)) public tokenCredits;
    address public settlement;

    event CollectionListed(uint32 indexed collection, address token);
    event Wired(address settlement, address withdrawals, address frozenExit);
    event DepositsPaused(bool paused);
    event DepositsClosed();
    event Credited(address indexed owner, uint8 kind, uint32 id, uint128 value);
    event CreditWithdrawn(address indexed owner, uint8 kind, uint32 id, uint128 value, address to);

    error NotDeployer();
    error AlreadyWired();
    error NotModule();
    error NotSettlement();
    error DepositsStopped();
    error NoOwner();
    error NothingDeposited();
    error NotWholeAtoms(uint256 amount);
    error UnknownAsset(uint32 asset);
    error UnknownCollection(uint32 collection);
    error UnknownKind(uint8 kind);
    error AlreadyListed(uint32 collection);
    error TokenIdAboveMaximum(uint256 tokenId);
    error NotReceived();
    error NotHeld(uint32 id, uint128 value);
    error NoCredit();
    error PaymentFailed();
    error ShortGas(uint256 needed);
    error DirectPayment();

    modifier onlyModule() {
        if (!modules(msg.sender)) revert NotModule();
        _;
    }

    /// @param usdc_ asset 1; its atom is its smallest unit
    /// @param withdrawals_ may pay, wherever it will be
    /// @param frozenExit_ likewise
    constructor(
        address admin_,
        address guardian_,
        uint256 delay_,
        IERC20 usdc_,
        address withdrawals_,
        address frozenExit_
    ) Administered(admin_, guardian_, delay_) {
        usdc = usdc_;
        withdrawals = withdrawals_;
        frozenExit = frozenExit_;
        _inflow.open = true;
        deployer = msg.sender;
    }

    /// @notice ether that no deposit names is refused
    receive() external payable {
        revert DirectPayment();
    }

    // ---- deposits

    /// @inheritdoc IVault
    function depositEther(address owner) external payable nonReentrant returns (uint64 sequence) {
        if (msg.value % ETHER_UNIT != 0) revert NotWholeAtoms(msg.value);

        return _record(owner, Payouts.MONEY, Payouts.ETHER, uint128(msg.value / ETHER_UNIT));
    }

    /// @inheritdoc IVault
    function depositMoney(uint32 asset, uint128 atoms, address owner)
        external
        nonReentrant
        returns (uint64 sequence)
    {
        if (asset != Payouts.USDC) revert UnknownAsset(asset);

        sequence = _record(owner, Payouts.MONEY, asset, atoms);
        uint256 before = usdc.balanceOf(address(this));
        usdc.safeTransferFrom(msg.sender, address(this), atoms);
        // A coin that keeps a fee would leave less here than the exchange credits.
        if (usdc.balanceOf(address(this)) != before + atoms) revert NotReceived();
    }

    /// @inheritdoc IVault
    function depositToken(uint32 collection, uint256 tokenId, address owner)
        external
        nonReentrant
        returns (uint64 sequence)
    {
        IERC721 token = _collection(collection);
        if (tokenId > TOKEN_ID_MAX) revert TokenIdAboveMaximum(tokenId);

        sequence = _record(owner, Payouts.TOKEN, collection, uint128(tokenId));
        token.transferFrom(msg.sender, address(this), tokenId);
        if (token.ownerOf(tokenId) != address(this)) revert NotReceived();
    }

    /// @dev number it, keep its record, tell the exchange
    function _record(address owner, uint8 kind, uint32 id, uint128 value) private returns (uint64 sequence) {
        Inflow memory flow = _inflow;
        if (!flow.open || flow.closed) revert DepositsStopped();
        if (owner == address(0)) revert NoOwner();
        if (kind == Payouts.MONEY && value == 0) revert NothingDeposited();

        sequence = ++flow.sequence;
        if (kind == Payouts.MONEY) {
            if (id == Payouts.ETHER) flow.etherAtoms = _sum(flow.etherAtoms, value);
            else flow.usdcAtoms = _sum(flow.usdcAtoms, value);
        }
        _inflow = flow;
        deposits[sequence] = Deposits.recordHash(sequence, owner, kind, id, value);
        emit Deposited(sequence, owner, kind, id, value);
    }

    // ---- payments

    /// @inheritdoc IVault
    function pay(uint8 kind, uint32 id, uint128 value, address to)
        external
        onlyModule
        nonReentrant
        returns (bool delivered)
    {
        if (to == address(0)) revert NoOwner();
        if (kind == Payouts.MONEY) delivered = _payMoney(id, value, to);
        else if (kind == Payouts.TOKEN) delivered = _payToken(id, value, to);
        else revert UnknownKind(kind);

        if (!delivered) emit Credited(to, kind, id, value);
    }

    /// @notice fetch money that could not be delivered, to an address that takes it
    function withdrawCredit(uint32 asset, address to) external nonReentrant {
        uint128 value = credits[msg.sender][asset];
        if (value == 0) revert NoCredit();
        if (to == address(0)) revert NoOwner();

        credits[msg.sender][asset] = 0;
        if (!_send(asset, value, to, gasleft())) revert PaymentFailed();
        emit CreditWithdrawn(msg.sender, Payouts.MONEY, asset, value, to);
    }

    /// @notice fetch a token that could not be delivered, to an address that takes it
    function withdrawTokenCredit(uint32 collection, uint256 tokenId, address to) external nonReentrant {
        if (tokenCredits[collection][tokenId] != msg.sender) revert NoCredit();
        if (to == address(0)) revert NoOwner();

        delete tokenCredits[collection][tokenId];
        _collection(collection).transferFrom(address(this), to, tokenId);
        emit CreditWithdrawn(msg.sender, Payouts.TOKEN, collection, uint128(tokenId), to);
    }

    function _payMoney(uint32 asset, uint128 value, address to) private returns (bool delivered) {
        if (asset > Payouts.USDC) revert UnknownAsset(asset);
        // Credits count as paid, so what is still here beyond this difference belongs to their owners.
        uint256 outflow = _outflowWith(asset, value);
        // Whoever calls must not make a credit of a payment by leaving its receiver too little.
        if (gasleft() < PAY_GAS_LEFT) revert ShortGas(PAY_GAS_LEFT);

        _outflow = outflow;
        delivered = _send(asset, value, to, PAY_GAS);
        if (!delivered) credits[to][asset] += value;
    }

    /// @dev the outflow after a payment; no sum leaves its lane, since none exceeds RECEIVED_MAX
    function _outflowWith(uint32 asset, uint128 value) private view returns (uint256 outflow) {
        outflow = _outflow;
        unchecked {
            uint256 lane = asset * LANE_BITS;
            uint256 known = uint64(outflow >> (2 * LANE_BITS + lane));
            uint256 sum = uint256(uint64(outflow >> lane)) + value;
            if (sum > known) {
                uint256 all = received(asset);
                if (sum > all) revert NotHeld(asset, value);
                outflow += (all - known) << (2 * LANE_BITS + lane);
            }
            outflow += uint256(value) << lane;
        }
    }

    function _payToken(uint32 collection, uint128 tokenId, address to) private returns (bool delivered) {
        IERC721 token = _collection(collection);
        if (tokenCredits[collection][tokenId] != address(0)) revert NotHeld(collection, tokenId);

        // Not the safe transfer: a receiver must have no say in whether it is paid.
        try token.transferFrom(address(this), to, tokenId) {
            return true;
        } catch {
            if (token.ownerOf(tokenId) != address(this)) revert NotHeld(collection, tokenId);
            tokenCredits[collection][tokenId] = to;
        }
    }

    /// @dev no data comes back, so a receiver cannot make the copy expensive
    function _send(uint32 asset, uint128 value, address to, uint256 gasMax) private returns (bool sent) {
        if (asset == Payouts.USDC) return usdc.trySafeTransfer(to, value);
        uint256 amount = value * ETHER_UNIT;
        assembly ("memory-safe") {
            sent := call(gasMax, to, amount, 0, 0, 0, 0)
        }
    }

    // ---- administration

    /// @notice connect the settlement, once; from then on collections are listed with the delay
    function wire(address settlement_) external {
        if (msg.sender != deployer) revert NotDeployer();
        if (settlement != address(0)) revert AlreadyWired();

        settlement = settlement_;
        emit Wired(settlement_, withdrawals, frozenExit);
    }

    /// @notice name a collection before the modules are connected
    function listCollection(uint32 collection, address token) external {
        if (msg.sender != deployer) revert NotDeployer();
        if (settlement != address(0)) revert AlreadyWired();

        _list(collection, token);
    }

    /// @notice take no deposits for now
    function pauseDeposits() external onlyGuardian {
        _inflow.open = false;
        emit DepositsPaused(true);
    }

    /// @notice take deposits again
    function resumeDeposits() external onlyAdmin {
        _inflow.open = true;
        emit DepositsPaused(false);
    }

    /// @inheritdoc IVault
    function close() external {
        if (msg.sender != settlement) revert NotSettlement();

        _inflow.closed = true;
        emit DepositsClosed();
    }

    function _bounds(bytes32 key) internal view override returns (uint256 low, uint256 high) {
        uint32 collection = uint32(uint256(key));
        if (key != collectionKey(collection)) revert UnknownKey(key);
        if (collections[collection] != address(0)) revert AlreadyListed(collection);
        return (1, type(uint160).max);
    }

    function _apply(bytes32 key, uint256 value) internal override {
        _list(uint32(uint256(key)), address(uint160(value)));
    }

    function _list(uint32 collection, address token) private {
        if (collections[collection] != address(0)) revert AlreadyListed(collection);
        collections[collection] = token;
        emit CollectionListed(collection, token);
    }

    // ---- views

    /// @notice the key under which the collection is proposed; the value is its contract
    function collectionKey(uint32 collection) public pure returns (bytes32) {
        return bytes32(uint256(COLLECTION) | collection);
    }

    /// @inheritdoc IVault
    function inflow() external view returns (uint64 sequence, uint128 receivedEther, uint128 receivedUsdc) {
        Inflow memory flow = _inflow;
        return (flow.sequence, flow.etherAtoms, flow.usdcAtoms);
    }

    /// @inheritdoc IVault
    function lastSequence() external view returns (uint64) {
        return _inflow.sequence;
    }

    /// @notice who may pay
    function modules(address module) public view returns (bool) {
        return module == withdrawals || module == frozenExit;
    }

    /// @notice whether deposits are refused for now, and whether they are for ever
    function depositsStopped() external view returns (bool paused, bool closed) {
        return (!_inflow.open, _inflow.closed);
    }

    /// @inheritdoc IVault
    function received(uint32 asset) public view returns (uint128) {
        return asset == Payouts.ETHER ? _inflow.etherAtoms : asset == Payouts.USDC ? _inflow.usdcAtoms : 0;
    }

    /// @inheritdoc IVault
    function paid(uint32 asset) public view returns (uint128) {
        return asset > Payouts.USDC ? 0 : uint64(_outflow >> (asset * LANE_BITS));
    }

    /// @inheritdoc IVault
    function assets(uint32 asset) external view returns (address token, uint128 unit) {
        if (asset == Payouts.ETHER) return (address(0), uint128(ETHER_UNIT));
        if (asset == Payouts.USDC) return (address(usdc), 1);
        revert UnknownAsset(asset);
    }

    function _collection(uint32 collection) private view returns (IERC721 token) {
        token = IERC721(collections[collection]);
        if (address(token) == address(0)) revert UnknownCollection(collection);
    }

    function _sum(uint256 before, uint128 value) private pure returns (uint88) {
        uint256 room = RECEIVED_MAX - before;
        if (value > room) revert OutOfBounds(value, 1, room);
        return uint88(before + value);
    }
}
