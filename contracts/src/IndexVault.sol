// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ICollections, IPriceSource} from "./interfaces/IPriceSource.sol";
import {FundShares} from "./libraries/FundShares.sol";
import {PriceAverage} from "./libraries/PriceAverage.sol";
import {Prices} from "./libraries/Prices.sol";

/// @title IndexVault: a fund of tokens of some collections, minted and redeemed in kind
/// @notice Each token has several prices: the floor of now, its average of twelve hours, its own appraisal.
/// Low and high are the lowest and the highest of those known. Whoever brings tokens is paid low and buys
/// into high; whoever takes some pays high out of low. While the truth is between, neither wins.
///
///     minted = floor(supply * sum(low of the brought) / sum(high of the held))    the first: sum(low)
///     burned = ceil(supply * sum(high of the taken) / sum(low of the held))       all tokens: all shares
///
/// How it is stopped: it stops by itself while a floor is older than an hour or was not noted every two hours
/// for twelve. It has no owner. All shares for all tokens are always possible.
///
/// What it does less than the engine (docs/spec/instruments.md §3): the lagged price is an average of the
/// floor that somebody must note, without trait premium, so a rare token's two ends are wider apart; it knows
/// nothing of flagged tokens; it holds at most 64.
/// @dev Prices are atoms [gwei], weights and fees [ppb], times [s]; a share starts at one atom.
contract IndexVault is ERC20, ReentrancyGuardTransient {
    using PriceAverage for PriceAverage.History;

    uint256 public constant TOKENS_MAX = 64; // each is looked up whenever somebody comes or goes
    uint256 public constant TOKENS_PER_CALL = 20;
    uint256 public constant COLLECTIONS_MIN = 2;
    uint256 public constant COLLECTIONS_MAX = 16;
    uint256 public constant REWEIGH = 7 days; // [s]
    uint256 public constant WINDOW = 12 hours; // [s] of the average floor
    uint256 public constant GAP_MAX = 2 hours; // [s] between two notes; a longer one starts the average anew

    /// @param number the exchange's number of the collection
    /// @param supply how many tokens it has
    /// @param weight its target [ppb]
    struct Collection {
        IERC721 token;
        uint32 number;
        uint32 supply;
        uint32 weight;
    }

    /// @param place of the collection in this fund
    struct Named {
        uint8 place;
        uint64 tokenId;
    }

    /// @dev what tokens are worth together [atoms], and the high end by collection
    struct Worth {
        uint256 low;
        uint256 high;
        uint256[] highs;
        uint256[] dearest; // of those brought
    }

    IPriceSource public immutable oracle;
    uint256 public immutable weightMax; // [ppb]

    Collection[] private members;
    Named[] private held;
    mapping(uint256 key => uint256) private places; // of a held token in `held`, from 1
    mapping(uint256 place => PriceAverage.History) private histories;
    uint256 public weighedAt; // [s]

    event Noted(uint256 indexed place, uint256 price);
    event Weighed(uint256[] weights);
    event Minted(address indexed owner, address indexed to, uint256 shares, Named[] tokens);
    event Redeemed(address indexed owner, address indexed to, uint256 shares, Named[] tokens);

    error BadParameter();
    error UnknownCollection(uint32 collection);
    error TooEarly(uint256 readyAt);
    error NoPrice(uint256 place);
    error NotWeighed();
    error TooManyTokens(uint256 count);
    error NotHeld(uint8 place, uint64 tokenId);
    error AboveTarget(uint256 place);
    error Slippage(uint256 shares, uint256 limit);
    error LastTokenNeedsLastShare(uint256 shares, uint256 supply);

    constructor(
        string memory name_,
        string memory symbol_,
        uint32[] memory numbers,
        uint32[] memory supplies,
        uint256 weightMax_,
        IPriceSource oracle_,
        ICollections vault
    ) ERC20(name_, symbol_) {
        uint256 count = numbers.length;
        if (count < COLLECTIONS_MIN || count > COLLECTIONS_MAX || supplies.length != count) {
            revert BadParameter();
        }
        if (weightMax_ * count < FundShares.PPB_ONE || weightMax_ > FundShares.PPB_ONE) {
            revert BadParameter();
        }
        (oracle, weightMax) = (oracle_, weightMax_);
        for (uint256 i = 0; i < count; ++i) {
            address token = vault.collections(numbers[i]);
            if (token == address(0)) revert UnknownCollection(numbers[i]);
            for (uint256 j = 0; j < i; ++j) {
                if (numbers[j] == numbers[i]) revert BadParameter();
            }
            members.push(Collection(IERC721(token), numbers[i], supplies[i], 0));
        }
    }

    // ---- in and out ----------------------------------------------------------------------------

    /// @notice bring tokens, of which this contract must be approved, for shares
    /// @param sharesMin the fewest that will do
    /// @return shares minted to `to`, fee off
    function mint(Named[] calldata brought, uint256 sharesMin, address to)
        external
        nonReentrant
        returns (uint256 shares)
    {
        _requireCount(brought.length);
        if (held.length + brought.length > TOKENS_MAX) revert TooManyTokens(held.length + brought.length);
        noteAll();
        shares = previewMint(brought);
        if (shares == 0 || shares < sharesMin) revert Slippage(shares, sharesMin);

        // From here on it must succeed.
        _mint(to, shares);
        for (uint256 i = 0; i < brought.length; ++i) {
            held.push(brought[i]);
            places[_key(brought[i])] = held.length;
        }
        for (uint256 i = 0; i < brought.length; ++i) {
            members[brought[i].place].token.transferFrom(msg.sender, address(this), brought[i].tokenId);
        }
        emit Minted(msg.sender, to, shares, brought);
    }

    /// @notice give shares for the named tokens
    /// @param sharesMax the most that will do, fee included
    /// @return shares burned
    function redeem(Named[] calldata taken, uint256 sharesMax, address to)
        external
        nonReentrant
        returns (uint256 shares)
    {
        _requireCount(taken.length);
        noteAll();
        shares = previewRedeem(taken);
        if (shares > sharesMax) revert Slippage(shares, sharesMax);

        // From here on it must succeed.
        _burn(msg.sender, shares);
        for (uint256 i = 0; i < taken.length; ++i) {
            _remove(taken[i]);
        }
        for (uint256 i = 0; i < taken.length; ++i) {
            members[taken[i].place].token.transferFrom(address(this), to, taken[i].tokenId);
        }
        emit Redeemed(msg.sender, to, shares, taken);
    }

    /// @notice give all shares for all tokens; needs no price
    function redeemAll(address to) external nonReentrant {
        uint256 shares = totalSupply();
        Named[] memory taken = held;

        // From here on it must succeed, if the caller has them.
        _burn(msg.sender, shares);
        for (uint256 i = 0; i < taken.length; ++i) {
            delete places[_key(taken[i])];
        }
        delete held;
        for (uint256 i = 0; i < taken.length; ++i) {
            members[taken[i].place].token.transferFrom(address(this), to, taken[i].tokenId);
        }
        emit Redeemed(msg.sender, to, shares, taken);
    }

    /// @notice the shares that tokens bring now, fee off
    function previewMint(Named[] memory brought) public view returns (uint256 shares) {
        if (weighedAt == 0) revert NotWeighed();
        Worth memory here = _worth(held);
        Worth memory more = _worth(brought);
        uint256 total = here.high + more.high;
        shares = FundShares.sharesFor(more.low, here.high, totalSupply());
        uint256 fee = 0;
        for (uint256 place = 0; place < members.length; ++place) {
            if (more.highs[place] == 0) continue;
            (uint256 own, uint256 target) = (here.highs[place] + more.highs[place], members[place].weight);
            if (!FundShares.mayBring(own, more.dearest[place], total, target)) revert AboveTarget(place);
            fee = Math.max(fee, FundShares.feeToBring(FundShares.weightUp(own, total), target));
        }
        if (held.length > 0) shares = FundShares.afterFee(shares, fee);
    }

    /// @notice the shares that tokens cost now, fee included; all tokens cost all shares, whatever the prices
    function previewRedeem(Named[] memory taken) public view returns (uint256 shares) {
        for (uint256 i = 0; i < taken.length; ++i) {
            if (places[_key(taken[i])] == 0) revert NotHeld(taken[i].place, taken[i].tokenId);
        }
        if (taken.length == held.length) return totalSupply();
        Worth memory here = _worth(held);
        Worth memory gone = _worth(taken);
        uint256 fee = 0;
        for (uint256 place = 0; place < members.length; ++place) {
            if (gone.highs[place] == 0) continue;
            uint256 own = here.highs[place] - gone.highs[place];
            uint256 weight = FundShares.weightUp(own, here.high - gone.high);
            fee = Math.max(fee, FundShares.feeToTake(weight, members[place].weight));
        }
        shares = FundShares.withFee(FundShares.sharesToTake(gone.high, here.low, totalSupply()), fee);
        // The last share leaves with the last token: else the next to come would own what is left.
        if (shares >= totalSupply()) revert LastTokenNeedsLastShare(shares, totalSupply());
    }

    // ---- prices and weights --------------------------------------------------------------------

    /// @notice note every collection's floor, each at most once an hour; anyone may
    function noteAll() public {
        for (uint256 place = 0; place < members.length; ++place) {
            _note(place);
        }
    }

    /// @notice set the targets anew, at most once a week: capped shares of floor * supply; anyone may
    function reweigh() external {
        if (weighedAt != 0 && block.timestamp < weighedAt + REWEIGH) revert TooEarly(weighedAt + REWEIGH);
        uint256[] memory sizes = new uint256[](members.length);
        for (uint256 place = 0; place < sizes.length; ++place) {
            uint256 floor = Prices.floorOf(oracle, members[place].number);
            if (floor == 0) revert NoPrice(place);
            sizes[place] = floor * members[place].supply;
        }

        // From here on it must succeed.
        uint256[] memory weights = FundShares.cappedWeights(sizes, weightMax);
        weighedAt = block.timestamp;
        for (uint256 place = 0; place < weights.length; ++place) {
            // forge-lint: disable-next-line(unsafe-typecast)
            members[place].weight = uint32(weights[place]);
        }
        emit Weighed(weights);
    }

    /// @notice the average floor of twelve hours [atoms]; 0 if it was not noted all the time
    function laggedFloor(uint256 place) public view returns (uint256) {
        PriceAverage.History storage history = histories[place];
        (uint256 oldest, uint256 newest) = (history.oldest(), history.newest());
        if (newest == 0 || newest + GAP_MAX < block.timestamp || oldest + WINDOW > block.timestamp) return 0;
        return history.average(WINDOW);
    }

    /// @notice the lowest and the highest known price of a token [atoms]
    function ends(Named memory named) external view returns (uint256 low, uint256 high) {
        return _ends(named, _floors(named.place));
    }

    /// @notice the fund's collections, in the order of their places
    function collections() external view returns (Collection[] memory) {
        return members;
    }

    /// @notice the fund's tokens, in no order
    function tokens() external view returns (Named[] memory) {
        return held;
    }

    /// @inheritdoc ERC20
    function decimals() public pure override returns (uint8) {
        return 9;
    }

    function _note(uint256 place) private {
        uint256 floor = Prices.floorOf(oracle, members[place].number);
        if (floor == 0 || floor > type(uint64).max) return;
        PriceAverage.History storage history = histories[place];
        if (history.newest() + GAP_MAX < block.timestamp) history.restart();
        if (history.note(floor, WINDOW)) emit Noted(place, floor);
    }

    /// @dev low and high end of what each token of the collection is worth without an appraisal of its own
    function _floors(uint256 place) private view returns (uint256[2] memory) {
        if (place >= members.length) revert BadParameter();
        uint256 floor = Prices.floorOf(oracle, members[place].number);
        uint256 lagged = laggedFloor(place);
        if (floor == 0 || lagged == 0) revert NoPrice(place);
        return [Math.min(floor, lagged), Math.max(floor, lagged)];
    }

    function _ends(Named memory named, uint256[2] memory floors)
        private
        view
        returns (uint256 low, uint256 high)
    {
        uint256 appraisal = Prices.appraisalOf(oracle, members[named.place].number, named.tokenId);
        low = appraisal == 0 ? floors[0] : Math.min(floors[0], appraisal);
        high = Math.max(floors[1], appraisal);
    }

    function _worth(Named[] memory named) private view returns (Worth memory worth) {
        uint256 count = members.length;
        (worth.highs, worth.dearest) = (new uint256[](count), new uint256[](count));
        uint256[2][] memory floors = new uint256[2][](count);
        for (uint256 i = 0; i < named.length; ++i) {
            uint256 place = named[i].place;
            if (place >= count) revert BadParameter();
            if (floors[place][1] == 0) floors[place] = _floors(place);
            (uint256 low, uint256 high) = _ends(named[i], floors[place]);
            (worth.low, worth.high) = (worth.low + low, worth.high + high);
            worth.highs[place] += high;
            worth.dearest[place] = Math.max(worth.dearest[place], high);
        }
    }

    // ---- what is held --------------------------------------------------------------------------

    function _remove(Named calldata named) private {
        uint256 place = places[_key(named)];
        if (place == 0) revert NotHeld(named.place, named.tokenId);
        Named memory last = held[held.length - 1];
        held[place - 1] = last;
        places[_key(last)] = place;
        delete places[_key(named)];
        held.pop();
    }

    function _key(Named memory named) private pure returns (uint256) {
        return uint256(named.place) << 64 | named.tokenId;
    }

    function _requireCount(uint256 count) private pure {
        if (count == 0 || count > TOKENS_PER_CALL) revert TooManyTokens(count);
    }
}
