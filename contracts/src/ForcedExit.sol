// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";
import {Accounts} from "./libraries/Accounts.sol";
import {Batches} from "./libraries/Batches.sol";
import {MerkleSum} from "./libraries/MerkleSum.sol";
import {Payouts} from "./libraries/Payouts.sol";

/// @title ForcedExit: a demand to leave that the exchange must answer, or anyone ends it
/// @notice A request has a deadline and a bond. Its answer is a final batch: with the payout it asked for
/// (`serve`), or with a leaf that shows why not (`refuse`). Unanswered past the deadline it freezes the
/// settlement (`freeze`). Batches must go on meanwhile, for nothing else answers. Anyone may bring any of the
/// three. Bonds are fetched with `withdraw`: of a served request or one that froze by its owner, of a refused
/// one by the treasury.
///
/// How it is stopped: a freeze ends it; open bonds are then returned. Nobody has any power over it.
/// @dev Money in [atoms], bonds in [wei], times in [s]. Spec: docs/spec/frozen-exit.md §1
contract ForcedExit is ReentrancyGuardTransient {
    enum Status {
        NONE,
        PENDING,
        SERVED,
        REFUSED, // the bond waits for an appeal
        CLOSED, // the bond has gone to the treasury, or back after a freeze
        FROZE
    }

    /// @param payoutNumber the last one given before the request: only later payouts answer it
    struct Request {
        address owner;
        uint40 requestedAt;
        uint40 closesAt; // deadline while pending, end of the appeal once refused
        Status status;
        uint8 kind;
        uint32 id;
        uint64 account;
        uint64 payoutNumber;
        uint128 value;
    }

    /// @notice the exchange pays less only if it is all [atoms], as WITHDRAWAL_MIN of the engine
    uint128 public constant VALUE_MIN = 100_000;
    /// @notice after a refusal the owner may still show that he was paid [s]
    uint256 public constant APPEAL = 1 days;
    uint256 public constant SERVE_TIME_MIN = 6 hours;
    uint256 public constant SERVE_TIME_MAX = 7 days;

    /// @notice whoever these bits describe may take nothing
    uint8 public constant NOT_FREE = Accounts.UNDER_MARGIN | Accounts.IN_AUCTION | Accounts.OWES;

    uint256 private constant TEST_CHAIN = 31_337;

    ISettlement public immutable settlement;
    /// @notice of each request [wei]
    uint256 public immutable bond;
    /// @notice from request to deadline [s]
    uint256 public immutable serveTime;
    /// @notice gets the bonds of refused requests
    address public immutable treasury;

    Request[] private _requests;
    /// @notice open request of an owner for an account, plus one
    mapping(address owner => mapping(uint64 account => uint256)) public openRequest;
    /// @notice payouts that have answered a request
    mapping(uint64 payout => bool) public hasAnswered;
    /// @notice bonds to be fetched [wei]
    mapping(address owner => uint256) public owed;

    event Requested(
        uint256 indexed request,
        address indexed owner,
        uint64 account,
        uint8 kind,
        uint32 id,
        uint128 value,
        uint64 deadline
    );
    event Served(uint256 indexed request, uint64 payout);
    event Refused(uint256 indexed request, uint64 batch);
    event Closed(uint256 indexed request);
    event FrozenBy(uint256 indexed request);

    error BadTerms();
    error WrongBond(uint256 given, uint256 expected);
    error BadRequest();
    error AlreadyOpen(uint256 request);
    error AlreadyFrozen();
    error NotFrozen();
    error WrongStatus(Status status);
    error NotFinal();
    error NotInBatch();
    error NotTheAnswer();
    error NoReason();
    error TooEarly(uint256 until);
    error TooLate(uint256 until);
    error NothingOwed();
    error TransferFailed();

    /// @param serveTime_ at least two windows, so that an answer can become final in it
    constructor(ISettlement settlement_, uint256 bond_, uint256 serveTime_, address treasury_) {
        uint256 least = block.chainid == TEST_CHAIN ? 1 : SERVE_TIME_MIN;
        bool isLong = serveTime_ >= least && serveTime_ >= 2 * settlement_.window();
        if (!isLong || serveTime_ > SERVE_TIME_MAX || treasury_ == address(0)) revert BadTerms();
        (settlement, bond, serveTime, treasury) = (settlement_, bond_, serveTime_, treasury_);
    }

    // ---- asking --------------------------------------------------------------------------------

    /// @notice demand `value` of an asset [atoms] (kind 0), or a token (kind 1), out of an own account
    function request(uint64 account, uint8 kind, uint32 id, uint128 value)
        external
        payable
        returns (uint256)
    {
        if (settlement.frozenAt() != 0) revert AlreadyFrozen();
        if (msg.value != bond) revert WrongBond(msg.value, bond);
        bool isMoney = kind == Payouts.MONEY && id <= Payouts.USDC && value >= VALUE_MIN;
        if (!isMoney && kind != Payouts.TOKEN) revert BadRequest();
        uint256 open = openRequest[msg.sender][account];
        if (open != 0) revert AlreadyOpen(open - 1);

        // From here on it must succeed.
        uint256 deadline = block.timestamp + serveTime;
        _requests.push(
            Request({
                owner: msg.sender,
                requestedAt: uint40(block.timestamp),
                closesAt: uint40(deadline),
                status: Status.PENDING,
                kind: kind,
                id: id,
                account: account,
                payoutNumber: settlement.payoutNumber(),
                value: value
            })
        );
        openRequest[msg.sender][account] = _requests.length;
        emit Requested(_requests.length - 1, msg.sender, account, kind, id, value, uint64(deadline));
        return _requests.length - 1;
    }

    // ---- serving -------------------------------------------------------------------------------

    /// @notice show the payout of all that was asked for, in a final batch
    function serve(
        uint256 number,
        Batches.Batch calldata batch,
        Payouts.Payout calldata payout,
        uint256 index,
        bytes32[] calldata siblings
    ) external {
        Request storage asked = _answerable(number);
        _requirePayout(asked, batch, payout, index, siblings);
        if (payout.kind == Payouts.TOKEN ? payout.value != asked.value : payout.value < asked.value) {
            revert NotTheAnswer();
        }

        _serve(number, asked, payout.number);
    }

    /// @notice show a payout of less, and the leaf of the same batch in which nothing is left that is free
    function servePart(
        uint256 number,
        Batches.Batch calldata batch,
        Payouts.Payout calldata payout,
        uint256 index,
        bytes32[] calldata siblings,
        Accounts.Leaf calldata leaf,
        MerkleSum.Record[] calldata leafSiblings
    ) external {
        Request storage asked = _answerable(number);
        _requirePayout(asked, batch, payout, index, siblings);
        _requireLeaf(asked, batch, leaf, leafSiblings);
        if (payout.kind != Payouts.MONEY || leaf.owner != asked.owner) revert NotTheAnswer();
        if (_isFree(asked, leaf)) revert NotTheAnswer();

        _serve(number, asked, payout.number);
    }

    function _serve(uint256 number, Request storage asked, uint64 payout) private {
        // From here on it must succeed.
        if (asked.status == Status.PENDING) openRequest[asked.owner][asked.account] = 0;
        asked.status = Status.SERVED;
        hasAnswered[payout] = true;
        owed[asked.owner] += bond;
        emit Served(number, payout);
    }

    // ---- refusing ------------------------------------------------------------------------------

    /// @notice show a leaf, of a final batch made after the request, that denies it
    /// @param tokens of the account, for a request of a token; else empty
    function refuse(
        uint256 number,
        Batches.Batch calldata batch,
        Accounts.Leaf calldata leaf,
        MerkleSum.Record[] calldata siblings,
        Accounts.Token[] calldata tokens
    ) external {
        Request storage asked = _pending(number);
        _requireLater(asked, batch);
        _requireLeaf(asked, batch, leaf, siblings);
        bool isMoney = asked.kind == Payouts.MONEY;
        if (leaf.owner == asked.owner && _isFree(asked, leaf) && (isMoney || _has(asked, leaf, tokens))) {
            revert NoReason();
        }

        _refuse(number, asked, batch.number);
    }

    /// @notice show a final batch, made after the request, that has no such account
    function refuseUnknown(uint256 number, Batches.Batch calldata batch) external {
        Request storage asked = _pending(number);
        _requireLater(asked, batch);
        if (asked.account < batch.accounts) revert NoReason();

        _refuse(number, asked, batch.number);
    }

    /// @notice send the bond of a refused request to the treasury, once nobody may appeal
    function close(uint256 number) external {
        Request storage asked = _requests[number];
        if (asked.status != Status.REFUSED) revert WrongStatus(asked.status);
        if (block.timestamp < asked.closesAt) revert TooEarly(asked.closesAt);

        // From here on it must succeed.
        asked.status = Status.CLOSED;
        owed[treasury] += bond;
        emit Closed(number);
    }

    function _refuse(uint256 number, Request storage asked, uint64 batch) private {
        // From here on it must succeed.
        openRequest[asked.owner][asked.account] = 0;
        asked.status = Status.REFUSED;
        asked.closesAt = uint40(block.timestamp + APPEAL);
        emit Refused(number, batch);
    }

    // ---- ending --------------------------------------------------------------------------------

    /// @notice end the exchange over a request that nothing has answered in time
    function freeze(uint256 number) external {
        Request storage asked = _requests[number];
        if (asked.status != Status.PENDING) revert WrongStatus(asked.status);
        if (block.timestamp < asked.closesAt) revert TooEarly(asked.closesAt);

        // From here on it must succeed, unless another request was faster.
        asked.status = Status.FROZE;
        owed[asked.owner] += bond;
        settlement.freeze(settlement.newestFinal());
        emit FrozenBy(number);
    }

    /// @notice after a freeze, give the bond of an unanswered request back
    function release(uint256 number) external {
        Request storage asked = _requests[number];
        if (settlement.frozenAt() == 0) revert NotFrozen();
        if (asked.status != Status.PENDING) revert WrongStatus(asked.status);

        // From here on it must succeed.
        asked.status = Status.CLOSED;
        owed[asked.owner] += bond;
        emit Closed(number);
    }

    /// @notice fetch own bonds
    function withdraw(address to) external nonReentrant {
        uint256 amount = owed[msg.sender];
        if (amount == 0) revert NothingOwed();

        // From here on it must succeed.
        owed[msg.sender] = 0;
        (bool sent,) = to.call{value: amount}("");
        if (!sent) revert TransferFailed();
    }

    // ---- views and checks ----------------------------------------------------------------------

    function requests(uint256 number) external view returns (Request memory) {
        return _requests[number];
    }

    function count() external view returns (uint256) {
        return _requests.length;
    }

    /// @dev Pending, or refused so short ago that a payout still answers it.
    function _answerable(uint256 number) private view returns (Request storage asked) {
        asked = _requests[number];
        if (asked.status == Status.REFUSED) {
            if (block.timestamp >= asked.closesAt) revert TooLate(asked.closesAt);
        } else if (asked.status != Status.PENDING) {
            revert WrongStatus(asked.status);
        }
    }

    function _pending(uint256 number) private view returns (Request storage asked) {
        asked = _requests[number];
        if (asked.status != Status.PENDING) revert WrongStatus(asked.status);
    }

    /// @dev A payout answers one request, and only one that is older than it.
    function _requirePayout(
        Request storage asked,
        Batches.Batch calldata batch,
        Payouts.Payout calldata payout,
        uint256 index,
        bytes32[] calldata siblings
    ) private view {
        if (!settlement.isFinal(batch)) revert NotFinal();
        bytes32 leaf = Payouts.leafHash(payout);
        if (!Payouts.isIn(batch.payoutsRoot, batch.payouts, index, leaf, siblings)) revert NotInBatch();
        bool isTheirs = payout.owner == asked.owner && payout.kind == asked.kind && payout.id == asked.id;
        if (!isTheirs || payout.number <= asked.payoutNumber || hasAnswered[payout.number]) {
            revert NotTheAnswer();
        }
    }

    /// @dev What was true before the request denies nothing.
    function _requireLater(Request storage asked, Batches.Batch calldata batch) private view {
        if (!settlement.isFinal(batch)) revert NotFinal();
        bool isLater = batch.time > asked.requestedAt && settlement.postedAt(batch) > asked.requestedAt;
        if (!isLater) revert TooEarly(asked.requestedAt);
    }

    function _requireLeaf(
        Request storage asked,
        Batches.Batch calldata batch,
        Accounts.Leaf calldata leaf,
        MerkleSum.Record[] calldata siblings
    ) private view {
        bool isIn = MerkleSum.isIn(batch.accountsRoot, batch.sums, batch.accounts, leaf, siblings);
        if (!isIn || leaf.number != asked.account) revert NotInBatch();
    }

    /// @dev Whether the leaf lets anything out that was asked for: no bit, and so much that it is worth it.
    /// What is locked of a claim leaves the rest free, and money has nothing to do with a token's claim.
    function _isFree(Request storage asked, Accounts.Leaf calldata leaf) private view returns (bool) {
        if (leaf.status & NOT_FREE != 0) return false;
        if (asked.kind == Payouts.TOKEN) return leaf.status & Accounts.CLAIMED == 0;
        return Accounts.free(leaf, asked.id) >= VALUE_MIN;
    }

    function _has(Request storage asked, Accounts.Leaf calldata leaf, Accounts.Token[] calldata tokens)
        private
        view
        returns (bool)
    {
        if (Accounts.tokensHash(tokens) != leaf.tokensHash) revert NotInBatch();
        for (uint256 i = 0; i < tokens.length; ++i) {
            if (tokens[i].collection == asked.id && tokens[i].token == asked.value) return true;
        }
        return false;
    }
}
