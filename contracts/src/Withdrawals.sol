// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Administered} from "./Administered.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";
import {IVault} from "./interfaces/IVault.sol";
import {IWithdrawals} from "./interfaces/IWithdrawals.sol";
import {Batches} from "./libraries/Batches.sol";
import {Payouts} from "./libraries/Payouts.sol";

/// @title Withdrawals: payouts of a final batch, each paid once
/// @notice A small payout is paid at once if the hour's outflow has room for it. A larger one, and one that
/// does not fit, is claimed twice: the first claim starts a wait of delay + value / limit hours, the second
/// pays. Outflow is a bucket for each of ether, USDC and tokens, which leaks `limit` an hour; who has waited
/// needs any room, so nobody is starved by smaller payouts. A payout counts for WAIT_MAX at most, so nobody
/// waits longer for another's than that one did.
/// How it is stopped: the guardian pauses it for at most PAUSE_MAX, once in PAUSE_EVERY; never when frozen.
/// Then it ends by itself, and a freeze ends it at once.
contract Withdrawals is IWithdrawals, Administered, ReentrancyGuardTransient {
    /// @param limit outflow an hour [atoms/h, tokens/h]
    /// @param small up to here a payout is paid at once [atoms, tokens]
    /// @param delay of a larger one, before its size counts [s]
    struct Terms {
        uint64 limit;
        uint64 small;
        uint24 delay;
    }

    /// @dev one word: what every payment reads
    /// @param level what has flowed out and not leaked yet [atoms, tokens]
    /// @param since when level was that [s]
    /// @param pausedUntil no payout until then, unless frozen [s]
    struct Bucket {
        uint64 level;
        uint56 limit;
        uint56 small;
        uint40 since;
        uint40 pausedUntil;
    }

    /// @notice lanes: the assets by number, then tokens
    uint256 public constant LANES = 3;
    uint256 public constant TOKENS = 2;
    uint256 public constant DELAY_OF_LARGE_MAX = 1 days;
    /// @notice the longest wait of any payout [s]
    uint256 public constant WAIT_MAX = 7 days;
    uint256 public constant PAUSE_MAX = 72 hours;
    uint256 public constant PAUSE_EVERY = 30 days;

    /// @notice keys of a lane are LIMIT + lane, SMALL + lane, DELAY + lane
    bytes32 public constant LIMIT = "limit";
    bytes32 public constant SMALL = "small";
    bytes32 public constant DELAY = "delay";

    IVault public immutable vault;
    ISettlement public immutable settlement;

    Bucket[LANES] private _buckets;
    uint24[LANES] private _delays;
    /// @dev 256 payouts in a word, by number: 1 is paid or credited
    mapping(uint256 word => uint256) private _done;
    /// @notice when a larger payout may be paid [s], by its leaf hash; 0: not claimed yet
    mapping(bytes32 leaf => uint256) public readyAt;
    /// @notice not paused again before [s]
    uint64 public pausableAt;

    event Paused(uint256 until);
    event TermsChanged(uint256 indexed lane, uint256 limit, uint256 small, uint256 delay);

    error IsPaused(uint256 until);
    error NotFinal(uint64 number);
    error NotInBatch(uint64 number);
    error AlreadyPaid(uint64 number);
    error UnknownLane(uint8 kind, uint32 id);
    error OutflowLimit(uint256 retryAt);

    /// @param terms of ether, USDC, tokens
    constructor(
        address admin_,
        address guardian_,
        uint256 delay_,
        IVault vault_,
        ISettlement settlement_,
        Terms[LANES] memory terms
    ) Administered(admin_, guardian_, delay_) {
        vault = vault_;
        settlement = settlement_;
        for (uint256 lane = 0; lane < LANES; lane++) {
            _requireTerms(lane, terms[lane]);
            _setTerms(lane, terms[lane]);
        }
    }

    /// @inheritdoc IWithdrawals
    function claim(
        Batches.Batch calldata b,
        Payouts.Payout calldata payout,
        uint256 index,
        bytes32[] calldata siblings
    ) external nonReentrant {
        Payouts.Payout memory p = payout;
        bytes32 leaf = Payouts.leafHash(p);
        uint256 done = _done[p.number >> 8];
        if (done >> (p.number & 0xff) & 1 == 1) revert AlreadyPaid(p.number);
        if (!settlement.isFinalHash(b.number, Batches.hash(b))) revert NotFinal(b.number);
        if (!Payouts.isIn(b.payoutsRoot, b.payouts, index, leaf, siblings)) revert NotInBatch(p.number);

        uint256 lane = _lane(p.kind, p.id);
        uint256 amount = p.kind == Payouts.TOKEN ? 1 : p.value;
        Bucket memory bucket = _leaked(_buckets[lane]);
        _requireNotPaused(bucket.pausedUntil);
        bool isAtOnce = amount <= bucket.small && bucket.level + amount <= bucket.limit;
        if (!isAtOnce && _isWaiting(p.number, leaf, lane, amount)) return;
        _requireRoom(bucket);

        // From here on it must succeed.
        // Since this word was read only views were called.
        _done[p.number >> 8] = done | 1 << (p.number & 0xff);
        bucket.level = uint64(_min(bucket.level + amount, bucket.limit * (WAIT_MAX / 1 hours)));
        _buckets[lane] = bucket;
        vault.pay(p.kind, p.id, p.value, p.owner);
        emit Paid(p.number, p.owner, p.kind, p.id, p.value);
    }

    /// @dev start the wait of a payout that is not paid at once, or see whether it is over
    function _isWaiting(uint64 number, bytes32 leaf, uint256 lane, uint256 amount) private returns (bool) {
        uint256 ready = readyAt[leaf];
        if (ready != 0 && block.timestamp < ready) revert TooEarly(ready);
        if (ready != 0) return false;

        uint256 wait = _delays[lane] + amount * 1 hours / _buckets[lane].limit;
        ready = block.timestamp + (wait < WAIT_MAX ? wait : WAIT_MAX);
        readyAt[leaf] = ready;
        emit Queued(number, ready);
        return true;
    }

    /// @dev who is not paid at once has waited for his size: any room will do
    function _requireRoom(Bucket memory bucket) private view {
        if (bucket.level < bucket.limit) return;
        uint256 excess = uint256(bucket.level) + 1 - bucket.limit;
        revert OutflowLimit(block.timestamp + _divUp(excess * 1 hours, bucket.limit));
    }

    /// @dev the bucket as it is now; what leaks is rounded down
    function _leaked(Bucket memory bucket) private view returns (Bucket memory) {
        unchecked {
            // A time of 40 bits times a limit of 56; the clock does not go back.
            uint256 leak = (block.timestamp - bucket.since) * bucket.limit / 1 hours;
            bucket.level = leak < bucket.level ? uint64(bucket.level - leak) : 0;
        }
        bucket.since = uint40(block.timestamp);
        return bucket;
    }

    function _requireNotPaused(uint256 until) private view {
        if (block.timestamp < until && settlement.frozenAt() == 0) revert IsPaused(until);
    }

    // ---- administration

    /// @notice stop payments for at most PAUSE_MAX; a freeze ends it
    function pause(uint256 until) external onlyGuardian {
        if (block.timestamp < pausableAt) revert TooEarly(pausableAt);
        if (until <= block.timestamp || until > block.timestamp + PAUSE_MAX) {
            revert OutOfBounds(until, block.timestamp + 1, block.timestamp + PAUSE_MAX);
        }

        pausableAt = uint64(block.timestamp + PAUSE_EVERY);
        _setPausedUntil(until);
    }

    /// @notice end a pause early
    function unpause() external onlyGuardian {
        _setPausedUntil(0);
    }

    function _setPausedUntil(uint256 until) private {
        for (uint256 lane = 0; lane < LANES; lane++) {
            _buckets[lane].pausedUntil = uint40(until);
        }
        emit Paused(until);
    }

    /// @notice the key of a lane's term: LIMIT, SMALL or DELAY
    function termKey(bytes32 term, uint256 lane) public pure returns (bytes32) {
        return bytes32(uint256(term) | lane);
    }

    /// @dev no lane may be closed by its terms: the least limit still empties an account within a week
    function _bounds(bytes32 key) internal view override returns (uint256 low, uint256 high) {
        uint256 lane = uint8(uint256(key));
        bytes32 term = bytes32(uint256(key) - lane);
        if (lane >= LANES) revert UnknownKey(key);
        if (term == LIMIT) return (_max(_limitMin(lane), _buckets[lane].small), _limitMin(lane) * 10_000);
        if (term == SMALL) return (_limitMin(lane) / 10, _buckets[lane].limit);
        if (term == DELAY) return (0, DELAY_OF_LARGE_MAX);
        revert UnknownKey(key);
    }

    function _apply(bytes32 key, uint256 value) internal override {
        uint256 lane = uint8(uint256(key));
        bytes32 term = bytes32(uint256(key) - lane);
        Bucket memory bucket = _leaked(_buckets[lane]);
        Terms memory terms = Terms(bucket.limit, bucket.small, _delays[lane]);
        if (term == LIMIT) terms.limit = uint64(value);
        else if (term == SMALL) terms.small = uint64(value);
        else terms.delay = uint24(value);
        _setTerms(lane, terms);
    }

    function _requireTerms(uint256 lane, Terms memory terms) private pure {
        uint256 low = _limitMin(lane);
        if (terms.limit < low || terms.limit > low * 10_000) {
            revert OutOfBounds(terms.limit, low, low * 10_000);
        }
        if (terms.small < low / 10 || terms.small > terms.limit) {
            revert OutOfBounds(terms.small, low / 10, terms.limit);
        }
        if (terms.delay > DELAY_OF_LARGE_MAX) revert OutOfBounds(terms.delay, 0, DELAY_OF_LARGE_MAX);
    }

    function _setTerms(uint256 lane, Terms memory terms) private {
        Bucket memory bucket = _leaked(_buckets[lane]);
        bucket.limit = uint56(terms.limit); // the bounds are far below
        bucket.small = uint56(terms.small);
        _buckets[lane] = bucket;
        _delays[lane] = terms.delay;
        emit TermsChanged(lane, terms.limit, terms.small, terms.delay);
    }

    /// @dev 10 ETH, 20,000 USDC, 10 tokens an hour
    function _limitMin(uint256 lane) private pure returns (uint256) {
        return lane == Payouts.ETHER ? 10e9 : lane == Payouts.USDC ? 20_000e6 : 10;
    }

    // ---- views

    /// @inheritdoc IWithdrawals
    function isPaid(uint64 number) external view returns (bool) {
        return _done[number >> 8] >> (number & 0xff) & 1 == 1;
    }

    /// @notice a lane's terms and what has flowed out of it and not leaked yet
    function outflow(uint256 lane) external view returns (Terms memory terms, uint256 level) {
        Bucket memory bucket = _leaked(_buckets[lane]);
        return (Terms(bucket.limit, bucket.small, _delays[lane]), bucket.level);
    }

    /// @notice no payout until then, unless frozen [s]
    function pausedUntil() external view returns (uint256) {
        return _buckets[0].pausedUntil;
    }

    function _lane(uint8 kind, uint32 id) private pure returns (uint256) {
        if (kind == Payouts.TOKEN) return TOKENS;
        if (kind != Payouts.MONEY || id > Payouts.USDC) revert UnknownLane(kind, id);
        return id;
    }

    function _max(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a : b;
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }

    function _divUp(uint256 a, uint256 b) private pure returns (uint256) {
        return (a + b - 1) / b;
    }
}
