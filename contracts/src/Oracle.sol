// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Administered} from "./Administered.sol";
import {IPriceSource} from "./interfaces/IPriceSource.sol";
import {Median} from "./libraries/Median.sol";
import {Reports} from "./libraries/Reports.sol";

/// @title Oracle: what a quorum of reporters says
/// @notice accepted value i = median of the values i of the reports not older than 6 h, once `quorum` of them
/// are not older than 60 min. Anyone may bring a report; only its reporter's signature counts. A quorum is a
/// majority, so a minority of liars moves nothing beyond what honest reports say.
///
/// How it is stopped: it is not. Without fresh reports its values age, and each use asks for the age. The
/// admin can replace the reporters after `delay`, which the guardian may cancel; neither can set a price.
/// @dev Spec: docs/spec/reports.md, docs/spec/frozen-exit.md §2
contract Oracle is Administered, EIP712, IPriceSource {
    /// @param values as reported; empty: nothing yet
    /// @param round the reporter's last on this feed
    /// @param sampledTo [ns]
    struct Said {
        uint64 round;
        uint64 sampledTo;
        uint64[] values;
    }

    /// @param sampledTo a quorum's reports are at least this new [ns]
    /// @param freshSince since when the feed has had no gap of more than 6 h [s]
    /// @param certain a quorum lies within 25 % of each other
    /// @param values medians; empty: nothing yet
    struct Accepted {
        uint64 sampledTo;
        uint64 freshSince;
        bool certain;
        uint64[] values;
    }

    /// @notice the most reporters
    uint256 public constant REPORTERS_MAX = 31;
    /// @notice new reporters wait so long, save on a test chain [s]
    uint256 public constant REPORTERS_DELAY = 4 days;
    /// @notice a quorum must be this fresh [s]
    uint256 public constant FRESH = 60 minutes;
    /// @notice a report counts this long [s]
    uint256 public constant COUNTED = 6 hours;
    /// @notice (max - min) / median of an agreeing quorum [ppb]
    uint256 public constant SPREAD_MAX = 250_000_000;
    /// @notice a market's observation is the last accepted price of such a span [s]
    uint256 public constant SLOT = 15 minutes;
    /// @notice the most slots one question may cover
    uint256 public constant SLOTS_MAX = 128;

    bytes32 public constant REPORTERS = "reporters";

    uint256 private constant NS = 1e9; // [ns/s]

    /// @notice who reports
    address[] public reporters;
    /// @notice how many of them must be fresh; more than half
    uint256 public quorum;

    mapping(address reporter => bool) public isReporter;
    mapping(bytes32 feed => mapping(address reporter => Said)) private _said;
    mapping(bytes32 feed => Accepted) private _accepted;
    mapping(uint32 market => mapping(uint256 slot => uint256 ticks)) public observations;

    event Reported(bytes32 indexed feed, address indexed reporter, uint64 round);
    event PriceAccepted(bytes32 indexed feed, uint64 sampledTo, bool certain, uint64[] values);
    event ReportersChanged(address[] reporters, uint256 quorum);

    error BadQuorum(uint256 quorum, uint256 count);
    error NotAscending(address reporter);
    error NotWhatWasProposed();
    error BadReport();
    error SampledInTheFuture(uint256 sampledTo);
    error StaleReport(uint256 sampledTo, uint256 round);
    error UnknownReporter(address signer);
    error NothingReported();
    error TooManySlots(uint256 count);

    /// @param reporters_ ascending
    constructor(
        address admin_,
        address guardian_,
        uint256 delay_,
        address[] memory reporters_,
        uint256 quorum_
    ) Administered(admin_, guardian_, delay_) EIP712("Floorbook", "1") {
        if (block.chainid != TEST_CHAIN && delay_ < REPORTERS_DELAY) {
            revert OutOfBounds(delay_, REPORTERS_DELAY, DELAY_MAX);
        }
        _replace(reporters_, quorum_);
    }

    // ---- reports -------------------------------------------------------------------------------

    /// @notice bring a reporter's signed report; whoever brings it
    function submit(Reports.Report calldata report, bytes calldata signature) external {
        bytes32 feed = feedOf(report.collection, report.token, report.kind);
        address reporter = ECDSA.recoverCalldata(digest(report), signature);
        if (!isReporter[reporter]) revert UnknownReporter(reporter);
        if (!Reports.isWellFormed(report)) revert BadReport();
        uint256 now_ = block.timestamp * NS;
        if (report.sampledTo > now_) revert SampledInTheFuture(report.sampledTo);
        Said storage last = _said[feed][reporter];
        bool isOld = report.sampledTo + FRESH * NS < now_ || report.sampledTo < last.sampledTo;
        if (isOld || report.round <= last.round) revert StaleReport(report.sampledTo, report.round);

        // From here on it must succeed.
        last.round = report.round;
        last.sampledTo = report.sampledTo;
        last.values = report.values;
        emit Reported(feed, reporter, report.round);
        _accept(feed, report);
    }

    /// @notice what a reporter signs
    function digest(Reports.Report calldata report) public view returns (bytes32) {
        return _hashTypedDataV4(Reports.hash(report));
    }

    // ---- values --------------------------------------------------------------------------------

    /// @inheritdoc IPriceSource
    /// @dev The floor, P50, one whole, or a market's price [ticks]; 0 where no quorum agrees.
    function price(uint32 collection, int64 token, uint8 kind) external view returns (uint128, uint64) {
        Accepted storage last = _accepted[feedOf(collection, token, kind)];
        if (last.values.length == 0) revert NothingReported();
        return (last.certain ? last.values[Reports.priceIndex(kind)] : 0, last.sampledTo);
    }

    /// @notice all a quorum says of a feed, and since when it has had no gap
    function accepted(uint32 collection, int64 token, uint8 kind) external view returns (Accepted memory) {
        return _accepted[feedOf(collection, token, kind)];
    }

    /// @notice median of a market's observations in the whole slots within [from, to) [ticks]; 0 without any
    function medianOver(uint32 market, uint256 from, uint256 to) external view returns (uint256) {
        uint256 first = Math.ceilDiv(from, SLOT);
        uint256 end = to / SLOT;
        if (end <= first) return 0;
        if (end - first > SLOTS_MAX) revert TooManySlots(end - first);
        uint256[] memory seen = new uint256[](end - first);
        uint256 count = 0;
        for (uint256 slot = first; slot < end; ++slot) {
            uint256 ticks = observations[market][slot];
            if (ticks > 0) seen[count++] = ticks;
        }
        return count == 0 ? 0 : Median.medianDown(_firstOf(seen, count));
    }

    function feedOf(uint32 collection, int64 token, uint8 kind) public pure returns (bytes32) {
        return keccak256(abi.encode(collection, token, kind));
    }

    // ---- reporters -----------------------------------------------------------------------------

    /// @notice replace the reporters by those whose hash was proposed as REPORTERS
    /// @dev value proposed: uint256(keccak256(abi.encode(reporters, quorum)))
    function setReporters(address[] calldata reporters_, uint256 quorum_) external onlyAdmin {
        bytes32 given = keccak256(abi.encode(reporters_, quorum_));
        if (_take(REPORTERS) != uint256(given)) revert NotWhatWasProposed();

        _replace(reporters_, quorum_);
    }

    function _bounds(bytes32 key) internal view override returns (uint256, uint256) {
        if (key != REPORTERS) return super._bounds(key);
        return (0, type(uint256).max);
    }

    function _replace(address[] memory reporters_, uint256 quorum_) private {
        uint256 count = reporters_.length;
        if (count > REPORTERS_MAX || quorum_ > count || 2 * quorum_ <= count) {
            revert BadQuorum(quorum_, count);
        }
        for (uint256 i = 0; i < reporters.length; ++i) {
            isReporter[reporters[i]] = false;
        }
        address last = address(0);
        for (uint256 i = 0; i < count; ++i) {
            if (reporters_[i] <= last) revert NotAscending(reporters_[i]);
            last = reporters_[i];
            isReporter[last] = true;
        }
        (reporters, quorum) = (reporters_, quorum_);
        emit ReportersChanged(reporters_, quorum_);
    }

    // ---- acceptance ----------------------------------------------------------------------------

    function _accept(bytes32 feed, Reports.Report calldata report) private {
        (Said[] memory counted, uint256 count) = _countedReports(feed);
        uint256 newest = _quorumTime(counted, count);
        if (newest == 0 || newest + FRESH * NS < block.timestamp * NS) return;

        Accepted storage last = _accepted[feed];
        uint256 length = report.values.length;
        uint64[] memory values = new uint64[](length);
        bool certain = false;
        for (uint256 i = 0; i < length; ++i) {
            uint256[] memory column = _column(counted, count, i);
            // forge-lint: disable-next-line(unsafe-typecast)
            values[i] = uint64(Median.medianDown(column)); // between two of them
            if (i == 0) certain = Median.agreeing(column, SPREAD_MAX) >= quorum;
        }
        bool hadGap = uint256(last.sampledTo) + COUNTED * NS < block.timestamp * NS;
        if (hadGap) last.freshSince = uint64(block.timestamp);
        // A report's own time.
        // forge-lint: disable-next-line(unsafe-typecast)
        (last.sampledTo, last.certain, last.values) = (uint64(newest), certain, values);
        if (certain && report.kind == Reports.MARKET) {
            observations[report.collection][block.timestamp / SLOT] = values[0];
        }
        emit PriceAccepted(feed, last.sampledTo, certain, values);
    }

    /// @dev The reports of today's reporters that are not older than COUNTED, in the first `count` places.
    function _countedReports(bytes32 feed) private view returns (Said[] memory counted, uint256 count) {
        uint256 length = reporters.length;
        counted = new Said[](length);
        for (uint256 i = 0; i < length; ++i) {
            Said storage one = _said[feed][reporters[i]];
            if (one.round == 0 || one.sampledTo + COUNTED * NS < block.timestamp * NS) continue;
            counted[count++] = one;
        }
    }

    /// @dev When the quorum-th newest was sampled [ns]; 0: fewer are counted.
    function _quorumTime(Said[] memory counted, uint256 count) private view returns (uint256) {
        if (count < quorum) return 0;
        uint256[] memory times = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            times[i] = counted[i].sampledTo;
        }
        Median.sort(times);
        return times[count - quorum];
    }

    function _column(Said[] memory counted, uint256 count, uint256 index)
        private
        pure
        returns (uint256[] memory column)
    {
        column = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            column[i] = counted[i].values[index];
        }
    }

    function _firstOf(uint256[] memory values, uint256 count) private pure returns (uint256[] memory first) {
        first = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            first[i] = values[i];
        }
    }
}
