// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ICollections, IPriceSource} from "./interfaces/IPriceSource.sol";
import {FractionPrices} from "./libraries/FractionPrices.sol";
import {PriceAverage} from "./libraries/PriceAverage.sol";
import {Prices} from "./libraries/Prices.sol";

/// @title FractionVault: one token behind a fixed number of units, which nobody buys out in silence
/// @notice Who has all units gets the token. Else a buyout has a minimum that the oracle gives, a notice of
/// seven days, and a right of everybody to bid 5 % more; its money waits here, first as the offer, then as
/// what every unit is paid.
///
/// How it is stopped: it is not. It has no owner and nobody's key opens it. Without prices buyouts cannot be
/// opened, and one that waits for a price for seven days more is paid back; redeeming always works.
///
/// What it does less than the engine (docs/spec/instruments.md §2): the appraisal is the higher of the floor
/// and the token's P50 as reported, at most a day old; the P50 does not follow the floor in between. Units
/// are priced when somebody calls `note`, not by a clock. Only collections that the exchange lists are taken,
/// but it knows nothing of flagged tokens.
/// @dev Prices are atoms [gwei], times [s]. Spec: docs/spec/instruments.md §1, §2.
contract FractionVault is ERC20, ReentrancyGuardTransient {
    using PriceAverage for PriceAverage.History;

    uint256 public constant ATOM = 1 gwei; // [wei]
    uint256 public constant NOTICE = 7 days; // [s]
    uint256 public constant COUNTER = 48 hours; // [s] are left at least after a counter-bid
    uint256 public constant WINDOW = 7 days; // [s] of the average price

    enum Stage {
        EMPTY, // nothing was ever locked
        LOCKED, // the token is here
        SOLD, // a buyout has taken it, its price is here
        RELEASED // all units have taken it
    }

    struct Buyout {
        address bidder;
        uint64 ends; // [s]
        uint128 price; // [atoms]
    }

    IERC721 public immutable token;
    uint256 public immutable tokenId;
    uint32 public immutable collection; // the exchange's number of it
    uint32 public immutable instrument; // whose units the oracle's SHARE feed prices
    IPriceSource public immutable oracle;

    Stage public stage;
    Buyout public buyout;
    uint128 public proceeds; // [atoms] of a sale, what redeemed units have not taken yet
    mapping(address bidder => uint256) public credits; // [wei] of offers that were beaten
    PriceAverage.History private history;

    event Locked(address indexed owner, uint256 supply);
    event Noted(uint256 price);
    event BuyoutOpened(address indexed bidder, uint128 price, uint64 ends);
    event BuyoutClosed(address indexed bidder, uint128 price);
    event Redeemed(address indexed owner, uint256 amount, uint256 paid);
    event CreditWithdrawn(address indexed bidder, address indexed to, uint256 amount);

    error UnknownCollection(uint32 collection, address token);
    error WrongStage(Stage stage);
    error BadSupply(uint256 supply);
    error BidTooLow(uint256 price, uint256 minimum);
    error NotWholeAtoms(uint256 value);
    error NoPrice();
    error NoBuyout();
    error BuyoutStands(uint64 ends);
    error NotAllUnits(uint256 amount, uint256 supply);
    error TooFewUnits(uint256 amount);
    error NothingToWithdraw();
    error TransferFailed();

    constructor(
        string memory name_,
        string memory symbol_,
        uint32 collection_,
        uint256 tokenId_,
        uint32 instrument_,
        IPriceSource oracle_,
        ICollections vault
    ) ERC20(name_, symbol_) {
        address token_ = vault.collections(collection_);
        if (token_ == address(0)) revert UnknownCollection(collection_, token_);
        (token, tokenId, collection, instrument, oracle) =
        (IERC721(token_), tokenId_, collection_, instrument_, oracle_);
    }

    // ---- units ---------------------------------------------------------------------------------

    /// @notice lock the token, which this contract must be approved for, behind new units, all the caller's
    /// @param supply units, fixed for ever
    function lock(uint256 supply) external nonReentrant {
        if (stage != Stage.EMPTY) revert WrongStage(stage);
        if (supply < FractionPrices.SUPPLY_MIN || supply > FractionPrices.SUPPLY_MAX) {
            revert BadSupply(supply);
        }

        // From here on it must succeed.
        stage = Stage.LOCKED;
        _mint(msg.sender, supply);
        token.transferFrom(msg.sender, address(this), tokenId);
        emit Locked(msg.sender, supply);
    }

    /// @notice before a buyout all units are the token; after one, each takes its share of the price
    /// @param amount units
    function redeem(uint256 amount) external nonReentrant {
        if (buyout.bidder != address(0)) revert BuyoutStands(buyout.ends);
        if (stage == Stage.LOCKED) _redeemAll(amount);
        else if (stage == Stage.SOLD) _redeemShare(amount);
        else revert WrongStage(stage);
    }

    function _redeemAll(uint256 amount) private {
        if (amount != totalSupply()) revert NotAllUnits(amount, totalSupply());

        // From here on it must succeed.
        _burn(msg.sender, amount);
        stage = Stage.RELEASED;
        token.transferFrom(address(this), msg.sender, tokenId);
        emit Redeemed(msg.sender, amount, 0);
    }

    function _redeemShare(uint256 amount) private {
        uint256 paid = FractionPrices.share(proceeds, amount, totalSupply());
        if (paid == 0) revert TooFewUnits(amount); // a unit never goes for nothing: it waits for more of them

        // From here on it must succeed.
        _burn(msg.sender, amount);
        proceeds -= SafeCast.toUint128(paid);
        _send(msg.sender, paid * ATOM);
        emit Redeemed(msg.sender, amount, paid);
    }

    // ---- buyouts -------------------------------------------------------------------------------

    /// @notice offer the ether sent for the whole token, or 5 % more than the offer that stands
    function openBuyout() external payable nonReentrant {
        note();
        Buyout memory standing = buyout;
        uint256 price = _rejectOffer(standing);

        // From here on it must succeed.
        uint256 ends = block.timestamp + NOTICE;
        if (standing.bidder != address(0)) {
            ends = Math.max(standing.ends, block.timestamp + COUNTER);
            credits[standing.bidder] += uint256(standing.price) * ATOM;
        }
        buyout = Buyout(msg.sender, SafeCast.toUint64(ends), SafeCast.toUint128(price));
        emit BuyoutOpened(msg.sender, buyout.price, buyout.ends);
    }

    /// @notice end a buyout whose notice is over: sold, if the price still reaches the minimum of now
    function closeBuyout() external nonReentrant {
        note();
        Buyout memory standing = buyout;
        if (standing.bidder == address(0)) revert NoBuyout();
        if (block.timestamp < standing.ends) revert BuyoutStands(standing.ends);
        uint256 minimum = buyoutMinimum();
        if (minimum == 0 && block.timestamp < standing.ends + NOTICE) revert NoPrice();

        // From here on it must succeed.
        delete buyout;
        if (minimum == 0 || standing.price < minimum) {
            credits[standing.bidder] += uint256(standing.price) * ATOM;
            emit BuyoutClosed(standing.bidder, 0);
            return;
        }
        (stage, proceeds) = (Stage.SOLD, standing.price);
        token.transferFrom(address(this), standing.bidder, tokenId);
        emit BuyoutClosed(standing.bidder, standing.price);
    }

    /// @notice take the money of an offer that was beaten, or came to nothing
    function withdrawCredit(address to) external nonReentrant {
        uint256 amount = credits[msg.sender];
        if (amount == 0) revert NothingToWithdraw();

        // From here on it must succeed.
        credits[msg.sender] = 0;
        _send(to, amount);
        emit CreditWithdrawn(msg.sender, to, amount);
    }

    function _rejectOffer(Buyout memory standing) private view returns (uint256 price) {
        if (stage != Stage.LOCKED) revert WrongStage(stage);
        if (msg.value % ATOM != 0) revert NotWholeAtoms(msg.value);
        if (standing.bidder != address(0) && block.timestamp >= standing.ends) {
            revert BuyoutStands(standing.ends);
        }
        uint256 minimum = buyoutMinimum();
        if (minimum == 0) revert NoPrice();
        if (standing.bidder != address(0)) {
            minimum = Math.max(minimum, FractionPrices.counterBid(standing.price));
        }
        price = msg.value / ATOM;
        if (price < minimum) revert BidTooLow(price, minimum);
    }

    // ---- prices --------------------------------------------------------------------------------

    /// @notice note the reported price of a whole, at most once an hour; anyone may
    function note() public {
        uint256 price =
            Prices.fresh(oracle, instrument, Prices.WHOLE_COLLECTION, Prices.SHARE, Prices.REPORT_AGE_MAX);
        if (price <= type(uint64).max && history.note(price, WINDOW)) emit Noted(price);
    }

    /// @notice the least price of the whole token now [atoms]; 0 without a fresh floor and its own appraisal
    /// @dev The floor alone would not do: the rarer a token is, the more silent appraisers would give away.
    function buyoutMinimum() public view returns (uint256) {
        uint256 floor = Prices.floorOf(oracle, collection);
        uint256 appraisal = Prices.appraisalOf(oracle, collection, tokenId);
        if (floor == 0 || appraisal == 0) return 0;
        return FractionPrices.buyoutMinimum(Math.max(floor, appraisal), averagePrice(), totalSupply());
    }

    /// @notice the average price of a whole over seven days [atoms]; 0 if none was ever noted
    function averagePrice() public view returns (uint256) {
        return history.average(WINDOW);
    }

    /// @inheritdoc ERC20
    function decimals() public pure override returns (uint8) {
        return 9;
    }

    function _send(address to, uint256 amount) private {
        (bool sent,) = to.call{value: amount}("");
        if (!sent) revert TransferFailed();
    }
}
