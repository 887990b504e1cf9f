// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Administered} from "./Administered.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";
import {IVault} from "./interfaces/IVault.sol";
import {Batches} from "./libraries/Batches.sol";
import {Signers} from "./libraries/Signers.sol";

/// @title Settlement: the batches by which the exchange commits to its state
/// @notice A batch is signed by k of the n operators, names what of the vault it includes, and must not
/// claim more than the vault ever received: claims - debts + withdrawn <= received, equal once every
/// deposit is credited. It counts when its challenge window has passed without a veto. The last RING
/// batches are remembered.
/// How it is stopped: the guardian vetoes a batch inside its window; ForcedExit freezes it for ever, and
/// then the newest final batch is the last word.
contract Settlement is ISettlement, Administered, EIP712 {
    using Signers for Signers.Set;

    /// @dev what the next batch is compared with, in two words
    /// @param withdrawnEther [atoms]
    /// @param withdrawnUsdc [atoms]
    /// @param time of the state [s]
    /// @param postedAt [s]
    /// @param frozen no batch follows
    /// @param wary how many more posts look whether they would overwrite the only final batch
    struct Head {
        uint64 number;
        uint64 journalSeq;
        uint64 payoutNumber;
        uint64 depositSequence;
        uint72 withdrawnEther;
        uint72 withdrawnUsdc;
        uint40 time;
        uint40 postedAt;
        bool frozen;
        uint16 wary;
    }

    /// @dev one word; 27 bytes of a hash leave no hope of finding a second batch
    struct Entry {
        bytes27 hash;
        uint40 postedAt;
    }

    /// @notice how many batches are remembered
    uint256 public constant RING = 256;
    /// @notice posts of one window; the other half of the ring stays final
    uint256 public constant PER_WINDOW = 128;
    /// @notice how far the exchange's clock may be ahead of the chain's [s]
    uint256 public constant CLOCK_AHEAD_MAX = 15 minutes;
    uint256 public constant WINDOW_MIN = 10 minutes;
    uint256 public constant WINDOW_MAX = 7 days;
    /// @notice key of a new operator set; the value is operatorsHash
    bytes32 public constant OPERATORS = "operators";

    /// @inheritdoc ISettlement
    uint256 public immutable window;
    IVault public immutable vault;
    address private immutable deployer;

    Head private _head;
    Entry[RING] private _ring;
    Signers.Set private _operators;

    /// @inheritdoc ISettlement
    uint64 public frozenAt;
    /// @inheritdoc ISettlement
    uint64 public frozenBatch;
    /// @notice who may freeze
    address public forcedExit;

    event OperatorsReplaced(address[] operators, uint256 threshold);
    event Rewound(uint64 indexed number);
    event Wired(address forcedExit);

    error NotDeployer();
    error AlreadyWired();
    error NotForcedExit();
    error IsFrozen();
    error WrongNumber(uint64 given, uint64 expected);
    error Falls(bytes32 field);
    error ClockAhead(uint64 time);
    error DepositUnknown(uint64 given, uint64 last);
    error NotSolvent(uint32 asset, uint256 owed, uint256 received);
    error TooSoon(uint256 retryAt);
    error NotInWindow(uint64 number);
    error NotPosted(uint64 number);
    error NotNewestFinal(uint64 given, uint64 expected);

    /// @param window_ [s]
    /// @param operators ascending
    /// @param threshold how many of them sign, more than half
    constructor(
        address admin_,
        address guardian_,
        uint256 delay_,
        IVault vault_,
        uint256 window_,
        address[] memory operators,
        uint256 threshold
    ) Administered(admin_, guardian_, delay_) EIP712("Floorbook", "1") {
        uint256 low = block.chainid == TEST_CHAIN ? 0 : WINDOW_MIN;
        if (window_ < low || window_ > WINDOW_MAX) revert OutOfBounds(window_, low, WINDOW_MAX);
        window = window_;
        vault = vault_;
        deployer = msg.sender;
        _operators.replace(operators, threshold);
        emit OperatorsReplaced(operators, threshold);
    }

    /// @inheritdoc ISettlement
    function post(Batches.Batch calldata b, bytes[] calldata signatures) external {
        Head memory last = _head;
        if (last.frozen) revert IsFrozen();
        Head memory next = _headOf(b);
        _requireFollows(last, next, b.time);
        _requireSolvent(b, next.depositSequence);
        bytes32 batchHash = Batches.hash(b);
        _operators.check(_hashTypedDataV4(batchHash), signatures);
        if (last.wary > 0) next.wary = _lessWary(last.wary, next.number);

        // From here on it must succeed.
        _ring[next.number % RING] = Entry(bytes27(batchHash), next.postedAt);
        _head = next;
        emit Posted(next.number, next.journalSeq, batchHash);
    }

    /// @dev the exchange's counters never fall, and posts leave half of the ring final
    function _requireFollows(Head memory last, Head memory next, uint64 time) private view {
        unchecked {
            if (next.number != last.number + 1) revert WrongNumber(next.number, last.number + 1);
            if (next.journalSeq < last.journalSeq) revert Falls("journalSeq");
            if (time < last.time) revert Falls("time");
            if (next.payoutNumber < last.payoutNumber) revert Falls("payoutNumber");
            if (next.depositSequence < last.depositSequence) revert Falls("depositSequence");
            if (next.withdrawnEther < last.withdrawnEther || next.withdrawnUsdc < last.withdrawnUsdc) {
                revert Falls("withdrawn");
            }
            if (time > block.timestamp + CLOCK_AHEAD_MAX) revert ClockAhead(time);
            uint256 soonest = last.postedAt + window / PER_WINDOW;
            if (block.timestamp < soonest) revert TooSoon(soonest);
        }
    }

    /// @dev after a veto the only final batch must not be overwritten
    function _lessWary(uint16 wary, uint64 number) private view returns (uint16) {
        if (newestFinal() + RING <= number) revert TooSoon(block.timestamp + window);
        return wary - 1;
    }

    /// @dev the identity of docs/spec/settlement.md: what is owed inside and was taken out came in through
    /// the vault
    function _requireSolvent(Batches.Batch calldata b, uint64 credited) private view {
        (uint64 last, uint128 ether_, uint128 usdc) = vault.inflow();
        if (credited > last) revert DepositUnknown(credited, last);
        bool complete = credited == last;
        _requireBacked(0, b.sums[0], b.sums[1], b.withdrawn[0], ether_, complete);
        _requireBacked(1, b.sums[2], b.sums[3], b.withdrawn[1], usdc, complete);
    }

    function _requireBacked(
        uint32 asset,
        uint256 claims,
        uint256 debts,
        uint256 withdrawn,
        uint256 received,
        bool complete
    ) private pure {
        uint256 owed;
        uint256 backed;
        unchecked {
            // Each has 128 bits.
            owed = claims + withdrawn;
            backed = received + debts;
        }
        // A sum of withdrawals above what was received is refused here, so it fits the head's 72 bits.
        if (
            owed > backed || (complete && owed < backed) || withdrawn > received
                || withdrawn > type(uint72).max
        ) {
            revert NotSolvent(asset, owed, backed);
        }
    }

    // ---- stopping

    /// @notice strike a batch out inside its window; posting goes on with the next number
    function veto(uint64 number) external onlyGuardian {
        Entry memory entry = _entry(number);
        if (entry.hash == 0 || block.timestamp >= entry.postedAt + window) {
            revert NotInWindow(number);
        }

        _ring[number % RING].hash = 0; // when it was posted stays: times in the ring must not fall
        _head.wary = uint16(RING);
        emit Vetoed(number);
    }

    /// @notice after vetoes, compare the next batch with the newest that stands; anyone may ask
    function rewind(Batches.Batch calldata b) external {
        Head memory last = _head;
        if (postedAt(b) == 0) revert NotPosted(b.number);
        for (uint64 number = b.number + 1; number <= last.number; number++) {
            if (_entry(number).hash != 0) revert NotPosted(number);
        }

        Head memory next = _headOf(b);
        (next.number, next.postedAt) = (last.number, last.postedAt);
        (next.frozen, next.wary) = (last.frozen, last.wary);
        _head = next;
        emit Rewound(b.number);
    }

    /// @dev the head once the batch is posted now; what does not fit is refused before it is kept, times by
    /// ClockAhead and sums by NotSolvent, which look at the whole number
    function _headOf(Batches.Batch calldata b) private view returns (Head memory) {
        return Head({
            number: b.number,
            journalSeq: b.journalSeq,
            payoutNumber: b.payoutNumber,
            depositSequence: b.depositSequence,
            withdrawnEther: uint72(b.withdrawn[0]),
            withdrawnUsdc: uint72(b.withdrawn[1]),
            time: uint40(b.time),
            postedAt: uint40(block.timestamp),
            frozen: false,
            wary: 0
        });
    }

    /// @inheritdoc ISettlement
    function freeze(uint64 number) external {
        if (msg.sender != forcedExit) revert NotForcedExit();
        if (frozenAt != 0) revert IsFrozen();
        uint64 newest = newestFinal();
        if (number != newest) revert NotNewestFinal(number, newest);

        frozenAt = uint64(block.timestamp);
        frozenBatch = number;
        _head.frozen = true;
        // What was in its window never becomes final; then finality need not ask whether it is frozen.
        for (uint64 later = _head.number; later > number; later--) {
            _ring[later % RING].hash = 0;
        }
        vault.close();
        emit Frozen(number);
    }

    // ---- administration

    /// @notice name who may freeze, once
    function wire(address forcedExit_) external {
        if (msg.sender != deployer) revert NotDeployer();
        if (forcedExit != address(0)) revert AlreadyWired();

        forcedExit = forcedExit_;
        emit Wired(forcedExit_);
    }

    /// @notice a new operator set, whose hash was proposed under OPERATORS and has waited
    function replaceOperators(address[] calldata operators, uint256 threshold) external onlyAdmin {
        uint256 value = _take(OPERATORS);
        uint256 given = uint256(operatorsHash(operators, threshold));
        if (value != given) revert OutOfBounds(given, value, value);

        _operators.replace(operators, threshold);
        emit OperatorsReplaced(operators, threshold);
    }

    /// @notice the value to propose for a set
    function operatorsHash(address[] calldata operators, uint256 threshold) public pure returns (bytes32) {
        return keccak256(abi.encode(operators, threshold));
    }

    /// @dev it is applied by replaceOperators, which brings the set itself
    function _bounds(bytes32 key) internal pure override returns (uint256 low, uint256 high) {
        if (key != OPERATORS) revert UnknownKey(key);
        return (1, type(uint256).max);
    }

    // ---- views

    /// @inheritdoc ISettlement
    function isFinal(Batches.Batch calldata b) external view returns (bool) {
        return isFinalHash(b.number, Batches.hash(b));
    }

    /// @inheritdoc ISettlement
    function isFinalHash(uint64 number, bytes32 batchHash) public view returns (bool) {
        Entry memory entry = _ring[number % RING];
        if (entry.hash != bytes27(batchHash) || batchHash == 0) return false;
        return block.timestamp >= entry.postedAt + window;
    }

    /// @inheritdoc ISettlement
    function postedAt(Batches.Batch calldata b) public view returns (uint64) {
        Entry memory entry = _entry(b.number);
        return entry.hash == bytes27(Batches.hash(b)) ? entry.postedAt : 0;
    }

    /// @inheritdoc ISettlement
    function newestFinal() public view returns (uint64) {
        uint64 last = _head.number;
        uint64 forgotten = last > RING ? last - uint64(RING) : 0;
        for (uint64 number = last; number > forgotten; number--) {
            Entry memory entry = _ring[number % RING];
            if (entry.hash != 0 && block.timestamp >= entry.postedAt + window) return number;
        }
        return 0;
    }

    /// @notice what the operators sign of a batch
    function digest(Batches.Batch calldata b) external view returns (bytes32) {
        return _hashTypedDataV4(Batches.hash(b));
    }

    /// @inheritdoc ISettlement
    function latest() external view returns (uint64) {
        return _head.number;
    }

    /// @inheritdoc ISettlement
    function payoutNumber() external view returns (uint64) {
        return _head.payoutNumber;
    }

    /// @notice what the next batch is compared with
    function head() external view returns (Head memory) {
        return _head;
    }

    /// @notice what is remembered of a batch: the first 27 bytes of its hash, 0: vetoed, and when it was
    /// posted [s]
    function entryOf(uint64 number) external view returns (bytes27 hash, uint40 postedAt_) {
        Entry memory entry = _entry(number);
        return (entry.hash, entry.postedAt);
    }

    function isOperator(address signer) external view returns (bool) {
        return _operators.contains(signer);
    }

    /// @notice who may sign, ascending
    function operatorList() external view returns (address[] memory) {
        return _operators.members;
    }

    /// @notice how many operators sign, and how many there are
    function quorum() external view returns (uint256 threshold, uint256 count) {
        return (_operators.needs(), _operators.members.length);
    }

    /// @dev empty for a number that was never posted or is forgotten
    function _entry(uint64 number) private view returns (Entry memory entry) {
        uint64 last = _head.number;
        if (number == 0 || number > last || number + RING <= last) return entry;
        return _ring[number % RING];
    }
}
