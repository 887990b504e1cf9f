// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IFrozenExit, INftAuction} from "./interfaces/IFrozenExit.sol";
import {AuctionPrice} from "./libraries/AuctionPrice.sol";
import {Reports} from "./libraries/Reports.sol";
import {Oracle} from "./Oracle.sol";

/// @title NftAuction: tokens of debtors at a falling price
/// @notice The price falls for 6 h on the engine's curve; then the sale is reset, at most twice, with the
/// terms of now. In the third run it falls on from its end to one atom in 4 h more, so a sale ends at what
/// somebody gives. The clock stands still while the collection's floor is older than 6 h, and for an hour
/// after; a run that has stood for 7 days stands no more. Bids are prepaid and pay their own price once it
/// has fallen to them, at most where it began; bids for any token at most what this one is appraised at. The
/// house keeps the token and takes the price; a sale is OPEN, then SOLD or CANCELLED, never twice.
///
/// How it is stopped: it is not. The house cancels a sale when its token is redeemed; bids can always be
/// withdrawn.
/// @dev Prices in [atoms of ether], times in [s]. Spec: docs/spec/auctions.md §2, §3,
/// docs/spec/frozen-exit.md §7
contract NftAuction is INftAuction, ReentrancyGuardTransient {
    enum Status {
        NONE,
        OPEN,
        SOLD,
        CANCELLED
    }

    /// @param ran of this run, until touchedAt [s]
    /// @param stood of this run, until touchedAt [s]
    /// @param resumesAt the clock runs from then on, as far as was known at touchedAt [s]
    /// @param freshUntil and until then, unless a new price comes [s]
    /// @param debt the terms, if nobody says what the token is worth
    struct Sale {
        uint32 collection;
        uint64 token;
        Status status;
        uint8 resets;
        uint40 openedAt;
        uint40 touchedAt;
        uint40 ran;
        uint40 stood;
        uint40 resumesAt;
        uint40 freshUntil;
        uint128 debt;
        AuctionPrice.Curve curve;
    }

    /// @param anyToken for the first token of the collection that falls to it, not a certain one
    struct Bid {
        address bidder;
        uint32 collection;
        uint64 token;
        bool anyToken;
        uint128 price;
    }

    uint256 public constant ATOM = 1 gwei; // [wei]
    uint256 public constant FRESH = 6 hours; // a floor so old still counts [s]
    uint256 public constant APPRAISAL_AGE_MAX = 1 days; // [s]
    uint256 public constant GRACE = 1 hours; // after a stale floor [s]
    uint256 public constant STOOD_MAX = 7 days; // of one run [s]
    uint256 public constant RESETS_MAX = 2;
    uint256 public constant LAST_FALL = 4 hours; // from the end to one atom, in the last run [s]
    uint128 public constant BID_MIN = 10_000_000; // [atoms]

    uint256 private constant NS = 1e9; // [ns/s]

    IFrozenExit public immutable house;
    Oracle public immutable oracle;

    Sale[] private _sales;
    Bid[] private _bids;
    /// @notice what comes back to whoever sent too much [wei]
    mapping(address owner => uint256) public credits;

    event Opened(uint256 indexed sale, uint32 indexed collection, uint64 token, AuctionPrice.Curve curve);
    event WasReset(uint256 indexed sale, AuctionPrice.Curve curve);
    event Ended(uint256 indexed sale, address indexed buyer, uint128 price);
    event Cancelled(uint256 indexed sale);
    event BidPlaced(
        uint256 indexed bid,
        address indexed bidder,
        uint32 indexed collection,
        uint64 token,
        bool anyToken,
        uint128 price
    );
    event BidGone(uint256 indexed bid);

    error NotHouse();
    error NotOpen(Status status);
    error StandsStill();
    error NotOver(uint256 ran);
    error NoResetLeft();
    error PriceAbove(uint256 price, uint256 limit);
    error NotEnoughSent(uint256 given, uint256 needed);
    error BadBid();
    error NotBidder();
    error WrongToken();
    error NothingOwed();
    error TransferFailed();

    modifier onlyHouse() {
        if (msg.sender != address(house)) revert NotHouse();
        _;
    }

    constructor(IFrozenExit house_, Oracle oracle_) {
        (house, oracle) = (house_, oracle_);
    }

    // ---- sales ---------------------------------------------------------------------------------

    /// @inheritdoc INftAuction
    function open(uint32 collection, uint64 token, uint128 debt) external onlyHouse returns (uint256 number) {
        number = _sales.length;
        Sale storage sale = _sales.push();
        (sale.collection, sale.token, sale.debt, sale.status) = (collection, token, debt, Status.OPEN);
        (sale.openedAt, sale.touchedAt) = (uint40(block.timestamp), uint40(block.timestamp));
        sale.curve = _terms(sale);
        (sale.resumesAt, sale.freshUntil) = _freshness(sale);
        emit Opened(number, collection, token, sale.curve);
    }

    /// @inheritdoc INftAuction
    function cancel(uint256 number) external onlyHouse {
        Sale storage sale = _open(number);

        // From here on it must succeed.
        sale.status = Status.CANCELLED;
        emit Cancelled(number);
    }

    /// @notice take the token at the price of now, at most `limit` [atoms]; what is sent beyond it is
    /// credited
    function buy(uint256 number, uint128 limit) external payable nonReentrant {
        Sale storage sale = _open(number);
        uint128 price_ = _runningPrice(sale);
        if (price_ > limit) revert PriceAbove(price_, limit);
        uint256 cost = uint256(price_) * ATOM;
        if (msg.value < cost) revert NotEnoughSent(msg.value, cost);

        // From here on it must succeed.
        credits[msg.sender] += msg.value - cost;
        _end(number, sale, msg.sender, price_);
    }

    /// @notice let a bid win, at its own price, once the price has fallen to it; anyone may ask
    function fill(uint256 number, uint256 bid) external nonReentrant {
        Sale storage sale = _open(number);
        uint128 price_ = _runningPrice(sale);
        Bid memory given = _bids[bid];
        if (given.collection != sale.collection || !(given.anyToken || given.token == sale.token)) {
            revert WrongToken();
        }
        // A token that was never worth so much does not take all of a bid for any token.
        uint128 most = given.anyToken ? sale.curve.par : sale.curve.start;
        uint128 paid = given.price < most ? given.price : most;
        if (given.bidder == address(0) || price_ > paid) revert PriceAbove(price_, paid);

        // From here on it must succeed.
        delete _bids[bid];
        emit BidGone(bid);
        credits[given.bidder] += uint256(given.price - paid) * ATOM;
        _end(number, sale, given.bidder, paid);
    }

    /// @notice begin the next run when one is over, with the terms of now; anyone may ask
    function reset(uint256 number) external {
        Sale storage sale = _open(number);
        _advance(sale);
        if (sale.ran < AuctionPrice.DURATION) revert NotOver(sale.ran);
        if (sale.resets >= RESETS_MAX) revert NoResetLeft();

        // From here on it must succeed.
        sale.resets += 1;
        (sale.ran, sale.stood) = (0, 0);
        sale.curve = _terms(sale);
        emit WasReset(number, sale.curve);
    }

    /// @notice write down how long the clock has run: what is written stays, whatever prices come later
    function touch(uint256 number) external {
        _advance(_open(number));
    }

    function _end(uint256 number, Sale storage sale, address buyer, uint128 price_) private {
        sale.status = Status.SOLD;
        emit Ended(number, buyer, price_);
        house.settleSale{value: uint256(price_) * ATOM}(number, buyer, price_);
    }

    // ---- bids ----------------------------------------------------------------------------------

    /// @notice a standing bid of the ether sent, for a token or any of its collection
    function placeBid(uint32 collection, uint64 token, bool anyToken) external payable returns (uint256 bid) {
        uint256 price_ = msg.value / ATOM;
        if (msg.value % ATOM != 0 || price_ < BID_MIN || price_ > AuctionPrice.PRICE_MAX) revert BadBid();

        // From here on it must succeed.
        bid = _bids.length;
        // forge-lint: disable-next-line(unsafe-typecast)
        _bids.push(Bid(msg.sender, collection, token, anyToken, uint128(price_)));
        // forge-lint: disable-next-line(unsafe-typecast)
        emit BidPlaced(bid, msg.sender, collection, token, anyToken, uint128(price_));
    }

    /// @notice take an own bid back; its money is credited
    function withdrawBid(uint256 bid) external {
        Bid memory given = _bids[bid];
        if (given.bidder != msg.sender) revert NotBidder();

        // From here on it must succeed.
        delete _bids[bid];
        credits[msg.sender] += uint256(given.price) * ATOM;
        emit BidGone(bid);
    }

    /// @notice fetch own credits
    function withdraw(address to) external nonReentrant {
        uint256 amount = credits[msg.sender];
        if (amount == 0) revert NothingOwed();

        // From here on it must succeed.
        credits[msg.sender] = 0;
        (bool sent,) = to.call{value: amount}("");
        if (!sent) revert TransferFailed();
    }

    // ---- views ---------------------------------------------------------------------------------

    function sales(uint256 number) external view returns (Sale memory) {
        return _sales[number];
    }

    function bids(uint256 bid) external view returns (Bid memory) {
        return _bids[bid];
    }

    /// @notice the price of now [atoms], and whether the clock runs and the token can be bought
    function price(uint256 number) external view returns (uint128, bool) {
        Sale memory sale = _clocked(_sales[number]);
        return (_priceOf(sale), _isRunning(sale));
    }

    // ---- the price -----------------------------------------------------------------------------

    /// @dev The terms of now: the appraisal, the floor, else the most of both as they were last said and
    /// twice the debt.
    function _terms(Sale memory sale) private view returns (AuctionPrice.Curve memory) {
        Oracle.Accepted memory own = oracle.accepted(sale.collection, int64(sale.token), Reports.APPRAISAL);
        Oracle.Accepted memory floor = oracle.accepted(sale.collection, -1, Reports.INDEX);
        uint256 appraisal = _isUsable(own, APPRAISAL_AGE_MAX) ? own.values[1] : 0;
        uint256 liquidation = appraisal != 0 ? own.values[0] : 0;
        if (_isUsable(floor, FRESH)) {
            uint256 least = floor.values[0];
            if (appraisal == 0) appraisal = least;
            liquidation = liquidation == 0 ? least : Math.min(liquidation, least);
        }
        if (appraisal == 0) {
            appraisal = Math.max(2 * uint256(sale.debt), Math.max(_last(own, 1), _last(floor, 0)));
            liquidation = appraisal;
        }
        return AuctionPrice.curve(appraisal, liquidation, 0);
    }

    function _isUsable(Oracle.Accepted memory value, uint256 ageMax) private view returns (bool) {
        return value.certain && value.sampledTo / NS + ageMax >= block.timestamp;
    }

    function _last(Oracle.Accepted memory value, uint256 i) private pure returns (uint256) {
        return value.values.length > i ? value.values[i] : 0;
    }

    /// @dev The price of now of a sale whose clock runs, brought up to now.
    function _runningPrice(Sale storage sale) private returns (uint128) {
        _advance(sale);
        Sale memory now_ = sale;
        if (!_isRunning(now_)) revert StandsStill();
        return _priceOf(now_);
    }

    function _priceOf(Sale memory sale) private pure returns (uint128) {
        uint256 over = sale.ran > AuctionPrice.DURATION ? sale.ran - AuctionPrice.DURATION : 0;
        uint256 price_ = AuctionPrice.priceAt(sale.curve, sale.ran);
        if (over > 0 && sale.resets == RESETS_MAX && price_ > 1) {
            price_ = AuctionPrice.linearUp(price_, 1, over, LAST_FALL);
        }
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint128(Math.max(price_, 1)); // at most 2**60
    }

    // ---- the clock -----------------------------------------------------------------------------

    function _advance(Sale storage sale) private {
        Sale memory now_ = _clocked(sale);
        (sale.ran, sale.stood, sale.touchedAt) = (now_.ran, now_.stood, now_.touchedAt);
        (sale.resumesAt, sale.freshUntil) = (now_.resumesAt, now_.freshUntil);
    }

    /// @dev The sale with its clock brought up to now. Before a gap that began since the last touch the clock
    /// ran as long as the floor known then was fresh; after it from an hour past the first new floor.
    function _clocked(Sale memory sale) private view returns (Sale memory) {
        uint256 from = sale.touchedAt;
        (uint40 resumesAt, uint40 freshUntil) = _freshness(sale);
        uint256 ran = _overlap(from, block.timestamp, resumesAt, freshUntil);
        if (resumesAt > sale.resumesAt) ran += _overlap(from, resumesAt, sale.resumesAt, sale.freshUntil);
        uint256 elapsed = block.timestamp - from;
        uint256 stood = sale.stood + elapsed - Math.min(ran, elapsed);
        if (stood > STOOD_MAX) (ran, stood) = (elapsed + sale.stood - STOOD_MAX, STOOD_MAX);
        sale.ran = uint40(sale.ran + Math.min(ran, elapsed));
        (sale.stood, sale.touchedAt) = (uint40(stood), uint40(block.timestamp));
        (sale.resumesAt, sale.freshUntil) = (resumesAt, freshUntil);
        return sale;
    }

    /// @dev Since when the collection's floor lets the clock run, and until when at least.
    function _freshness(Sale memory sale) private view returns (uint40 resumesAt, uint40 freshUntil) {
        Oracle.Accepted memory floor = oracle.accepted(sale.collection, -1, Reports.INDEX);
        // A quarrel is no price: the last one ages.
        if (!floor.certain) return (sale.resumesAt, sale.freshUntil);
        bool hadGap = floor.freshSince > sale.openedAt;
        resumesAt = uint40(hadGap ? floor.freshSince + GRACE : sale.openedAt);
        freshUntil = uint40(floor.sampledTo / NS + FRESH);
    }

    function _isRunning(Sale memory sale) private view returns (bool) {
        bool isFresh = block.timestamp >= sale.resumesAt && block.timestamp < sale.freshUntil;
        return isFresh || sale.stood >= STOOD_MAX;
    }

    function _overlap(uint256 from, uint256 to, uint256 first, uint256 last) private pure returns (uint256) {
        (uint256 low, uint256 high) = (Math.max(from, first), Math.min(to, last));
        return high > low ? high - low : 0;
    }

    function _open(uint256 number) private view returns (Sale storage sale) {
        sale = _sales[number];
        if (sale.status != Status.OPEN) revert NotOpen(sale.status);
    }
}
