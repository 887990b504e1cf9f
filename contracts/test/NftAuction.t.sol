// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FrozenExit} from "../src/FrozenExit.sol";
import {NftAuction} from "../src/NftAuction.sol";
import {AuctionPrice} from "../src/libraries/AuctionPrice.sol";
import {Exchange} from "./support/Exchange.sol";

/// @title Tokens of debtors, sold after a freeze
contract NftAuctionTest is Exchange {
    address private constant debtor = address(0xDEB7);
    address private constant lender = address(0x1E4D);
    address private constant buyer = address(0xB1);
    uint64 private constant TOKEN = 7804;
    uint128 private constant DEBT = 10 * ETHER;

    function setUp() public {
        setUpExchange();
        addAccount(debtor, -int256(uint256(DEBT)), 0);
        addToken(0, TOKEN);
        addToken(0, 42);
        leaves[addAccount(lender, int256(uint256(30 * ETHER)), 0)].lanes[4] = DEBT;
        postFinal();
        freezeNow();
        settlePrices();
        registerAll();
    }

    // ---- starting ------------------------------------------------------------------------------

    function test_no_sale_before_a_week_of_debt() public {
        vm.expectRevert(
            abi.encodeWithSelector(FrozenExit.TooEarly.selector, frozen.accounts(0).registeredAt + 7 days)
        );
        frozen.startAuction(0, tokens[0], 0);
        vm.warp(block.timestamp + 7 days);
        vm.expectRevert(abi.encodeWithSelector(FrozenExit.OwesNothing.selector, 1));
        frozen.startAuction(1, tokens[0], 0);
        vm.expectRevert(FrozenExit.WrongTokens.selector);
        frozen.startAuction(0, tokens[1], 0);
        start();
        vm.expectRevert(abi.encodeWithSelector(FrozenExit.SaleIsOpen.selector, 0));
        frozen.startAuction(0, tokens[0], 1);
    }

    function test_terms_follow_appraisal_and_floor() public {
        vm.warp(block.timestamp + 7 days);
        agree(appraisal(PUNKS, TOKEN, 18 * uint64(ETHER), 20 * uint64(ETHER), 25 * uint64(ETHER)));
        agree(index(PUNKS, 15 * uint64(ETHER), 14 * uint64(ETHER)));
        frozen.startAuction(0, tokens[0], 0);
        AuctionPrice.Curve memory curve = auction.sales(0).curve;
        same(curve.start, 24 * ETHER, "1.2 of the appraisal");
        same(curve.par, 20 * ETHER, "the appraisal");
        same(curve.end, 15 * ETHER * 7 / 10, "0.7 of the floor");
        (uint128 price, bool runs) = auction.price(0);
        same(price, 24 * ETHER, "the start");
        holds(runs, "the clock runs");
    }

    function test_terms_without_prices_are_twice_the_debt_and_the_clock_stands() public {
        start();
        uint128 owed = frozen.owed(0, 0);
        same(auction.sales(0).curve.par, 2 * owed, "par");
        (, bool runs) = auction.price(0);
        holds(!runs, "nobody says a price");
        vm.expectRevert(NftAuction.StandsStill.selector);
        this.buy(0, type(uint128).max);
        vm.warp(block.timestamp + 7 days + 6 hours);
        (uint128 price, bool later) = auction.price(0);
        holds(later, "a week is enough");
        same(price, (2 * owed * 7 + 9) / 10, "the end");
    }

    function test_only_the_house_opens_and_cancels() public {
        vm.expectRevert(NftAuction.NotHouse.selector);
        auction.open(PUNKS, 1, 1);
        vm.expectRevert(NftAuction.NotHouse.selector);
        auction.cancel(0);
    }

    // ---- buying --------------------------------------------------------------------------------

    function test_price_pays_the_debt_and_the_rest_is_the_owners() public {
        startFresh();
        uint128 owed = frozen.owed(0, 0);
        (uint128 price,) = auction.price(0);
        buy(0, price);
        same(punks.ownerOf(TOKEN), buyer, "the buyer has it");
        same(frozen.owed(0, 0), 0, "nothing is owed");
        same(frozen.pots(0).recovered, owed, "repaid");
        vm.warp(settlement.frozenAt() + 9 days);
        frozen.claim(0);
        same(debtor.balance, (price - owed) * GWEI, "surplus");
        frozen.claim(1);
        same(lender.balance, (20 * ETHER + owed) * GWEI, "the lender has all");
        frozen.reclaimToken(0, tokens[0], 1);
        same(punks.ownerOf(42), debtor, "the other token comes back");
    }

    function test_a_sale_ends_once() public {
        startFresh();
        (uint128 price,) = auction.price(0);
        buy(0, price);
        vm.expectRevert(abi.encodeWithSelector(NftAuction.NotOpen.selector, NftAuction.Status.SOLD));
        this.buy(0, price);
        vm.expectRevert(abi.encodeWithSelector(FrozenExit.HasLeft.selector, PUNKS, TOKEN));
        frozen.reclaimToken(0, tokens[0], 0);
        vm.expectRevert(FrozenExit.NotAuction.selector);
        frozen.settleSale(0, buyer, price);
    }

    function test_limit_and_change_are_kept() public {
        startFresh();
        (uint128 price,) = auction.price(0);
        vm.expectRevert(abi.encodeWithSelector(NftAuction.PriceAbove.selector, price, price - 1));
        this.buy(0, price - 1);
        vm.deal(buyer, 1000 ether);
        vm.prank(buyer);
        auction.buy{value: price * GWEI + 7}(0, price);
        same(auction.credits(buyer), 7, "change");
        vm.prank(buyer);
        auction.withdraw(buyer);
        same(auction.credits(buyer), 0, "fetched");
    }

    function test_price_falls_with_the_clock() public {
        startFresh();
        AuctionPrice.Curve memory curve = auction.sales(0).curve;
        vm.warp(block.timestamp + 2 hours);
        (uint128 price,) = auction.price(0);
        same(price, curve.par, "par after 2 h");
        vm.warp(block.timestamp + 2 hours);
        (price,) = auction.price(0);
        same(price, (curve.par + curve.end + 1) / 2, "half way");
    }

    // ---- redeeming -----------------------------------------------------------------------------

    function test_owner_redeems_until_it_is_sold() public {
        startFresh();
        vm.expectRevert(abi.encodeWithSelector(FrozenExit.StillOwes.selector, 0));
        frozen.reclaimToken(0, tokens[0], 0);
        repay(0, 0, 11 * ETHER);
        frozen.reclaimToken(0, tokens[0], 0);
        same(punks.ownerOf(TOKEN), debtor, "it is back");
        vm.expectRevert(abi.encodeWithSelector(NftAuction.NotOpen.selector, NftAuction.Status.CANCELLED));
        this.buy(0, type(uint128).max);
        vm.expectRevert(abi.encodeWithSelector(FrozenExit.HasLeft.selector, PUNKS, TOKEN));
        frozen.reclaimToken(0, tokens[0], 0);
    }

    // ---- the clock -----------------------------------------------------------------------------

    function test_clock_stands_while_the_floor_is_old_and_an_hour_after() public {
        startFresh();
        uint256 begin = block.timestamp;
        vm.warp(begin + 10 hours);
        (uint128 price, bool runs) = auction.price(0);
        holds(!runs, "the floor is older than 6 h");
        agree(index(PUNKS, 15 * uint64(ETHER), 14 * uint64(ETHER)));
        (, runs) = auction.price(0);
        holds(!runs, "grace");
        vm.warp(begin + 11 hours);
        (uint128 later, bool again) = auction.price(0);
        holds(again, "the grace is over");
        same(later, price, "nothing fell in between");
    }

    function test_touching_changes_nothing() public {
        startFresh();
        uint256 id = vm.snapshotState();
        vm.warp(block.timestamp + 5 hours);
        (uint128 plain,) = auction.price(0);
        vm.revertToState(id);
        for (uint256 i = 0; i < 5; ++i) {
            vm.warp(block.timestamp + 1 hours);
            auction.touch(0);
        }
        (uint128 touched,) = auction.price(0);
        same(touched, plain, "the price");
    }

    function test_reset_twice_then_falls_to_an_atom() public {
        startFresh();
        vm.expectRevert(abi.encodeWithSelector(NftAuction.NotOver.selector, 0));
        auction.reset(0);
        for (uint256 i = 0; i < 2; ++i) {
            run(6 hours);
            auction.reset(0);
            (uint128 again,) = auction.price(0);
            same(again, auction.sales(0).curve.start, "at the start again");
        }
        run(6 hours);
        vm.expectRevert(NftAuction.NoResetLeft.selector);
        auction.reset(0);
        (uint128 price,) = auction.price(0);
        same(price, auction.sales(0).curve.end, "the end");
        run(2 hours);
        (price,) = auction.price(0);
        atMost(price, auction.sales(0).curve.end / 2 + 1, "half of it");
        run(2 hours);
        (price,) = auction.price(0);
        same(price, 1, "an atom");
        buy(0, 1);
        same(punks.ownerOf(TOKEN), buyer, "it goes for what somebody gives");
    }

    // ---- bids ----------------------------------------------------------------------------------

    function test_bid_wins_at_its_own_price_when_the_price_is_there() public {
        uint256 bid = bidOf(buyer, TOKEN, false, 13 * ETHER);
        startFresh();
        (uint128 price,) = auction.price(0);
        vm.expectRevert(abi.encodeWithSelector(NftAuction.PriceAbove.selector, price, 13 * ETHER));
        auction.fill(0, bid);
        run(5 hours);
        (price,) = auction.price(0);
        atMost(price, 13 * ETHER, "it has fallen to it");
        auction.fill(0, bid);
        same(punks.ownerOf(TOKEN), buyer, "the bidder has it");
        vm.expectRevert(abi.encodeWithSelector(NftAuction.NotOpen.selector, NftAuction.Status.SOLD));
        auction.fill(0, bid);
    }

    function test_bid_for_another_token_does_not_win() public {
        uint256 bid = bidOf(buyer, 42, false, 500 * ETHER);
        startFresh();
        vm.expectRevert(NftAuction.WrongToken.selector);
        auction.fill(0, bid);
    }

    function test_bid_for_any_token_never_pays_more_than_the_appraisal() public {
        uint256 bid = bidOf(buyer, 0, true, 500 * ETHER);
        startFresh();
        uint128 par = auction.sales(0).curve.par;
        (uint128 price,) = auction.price(0);
        vm.expectRevert(abi.encodeWithSelector(NftAuction.PriceAbove.selector, price, par));
        auction.fill(0, bid);
        run(2 hours);
        auction.fill(0, bid);
        same(auction.credits(buyer), (500 * ETHER - par) * GWEI, "the rest is his");
    }

    function test_bid_above_the_start_pays_the_start() public {
        uint256 bid = bidOf(buyer, TOKEN, false, 500 * ETHER);
        startFresh();
        uint128 start_ = auction.sales(0).curve.start;
        auction.fill(0, bid);
        same(auction.credits(buyer), (500 * ETHER - start_) * GWEI, "the rest is his");
    }

    function test_old_prices_are_better_terms_than_the_debt() public {
        agree(index(PUNKS, 90 * uint64(ETHER), 80 * uint64(ETHER)));
        start();
        same(auction.sales(0).curve.par, 90 * ETHER, "the last floor");
    }

    function test_bid_can_be_withdrawn_once_by_its_owner() public {
        uint256 bid = bidOf(buyer, TOKEN, false, ETHER);
        vm.expectRevert(NftAuction.NotBidder.selector);
        auction.withdrawBid(bid);
        vm.prank(buyer);
        auction.withdrawBid(bid);
        same(auction.credits(buyer), 1 ether, "credited");
        vm.prank(buyer);
        vm.expectRevert(NftAuction.NotBidder.selector);
        auction.withdrawBid(bid);
        vm.expectRevert(NftAuction.BadBid.selector);
        auction.placeBid{value: 1}(PUNKS, TOKEN, false);
    }

    // ---- parts ---------------------------------------------------------------------------------

    function start() private {
        vm.warp(frozen.accounts(0).registeredAt + 7 days);
        frozen.startAuction(0, tokens[0], 0);
    }

    function startFresh() private {
        vm.warp(frozen.accounts(0).registeredAt + 7 days);
        agree(index(PUNKS, 15 * uint64(ETHER), 14 * uint64(ETHER)));
        frozen.startAuction(0, tokens[0], 0);
    }

    /// @dev Time passes with a fresh floor all the way.
    function run(uint256 time) private {
        for (uint256 hours_ = time / 1 hours; hours_ > 0; --hours_) {
            agree(index(PUNKS, 15 * uint64(ETHER), 14 * uint64(ETHER)));
            vm.warp(block.timestamp + 1 hours);
        }
    }

    function bidOf(address who, uint64 token, bool anyToken, uint128 price) private returns (uint256) {
        vm.deal(who, who.balance + price * GWEI);
        vm.prank(who);
        return auction.placeBid{value: price * GWEI}(PUNKS, token, anyToken);
    }

    function buy(uint256 sale, uint128 limit) public {
        vm.deal(buyer, buyer.balance + 1_000 ether);
        vm.prank(buyer);
        auction.buy{value: 1_000 ether}(sale, limit);
    }
}
