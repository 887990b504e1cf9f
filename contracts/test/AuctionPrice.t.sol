// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AuctionPrice} from "../src/libraries/AuctionPrice.sol";
import {Checks} from "./support/Checks.sol";

/// @title The falling price is the engine's, to the last digit
contract AuctionPriceTest is Checks {
    string private cases;

    function setUp() public {
        cases = vm.readFile("test/vectors/auction_price.json");
    }

    function test_power_is_the_second_implementations() public view {
        (uint256[] memory high, uint256[] memory low) =
            (column("exponential", "high"), column("exponential", "low"));
        uint256[] memory elapsed = column("exponential", "elapsed");
        uint256[] memory duration = column("exponential", "duration");
        uint256[] memory price = column("exponential", "price");
        for (uint256 i = 0; i < price.length; ++i) {
            same(AuctionPrice.exponentialUp(high[i], low[i], elapsed[i], duration[i]), price[i], "power");
        }
        holds(price.length > 0, "there are cases");
    }

    function test_terms_are_the_second_implementations() public view {
        (uint256[] memory appraisal, uint256[] memory bid) =
            (column("curve", "appraisal"), column("curve", "bid"));
        uint256[] memory liquidation = column("curve", "liquidation");
        (uint256[] memory start, uint256[] memory par) = (column("curve", "start"), column("curve", "par"));
        uint256[] memory end = column("curve", "end");
        for (uint256 i = 0; i < end.length; ++i) {
            AuctionPrice.Curve memory found = AuctionPrice.curve(appraisal[i], liquidation[i], bid[i]);
            same(found.start, start[i], "start");
            same(found.par, par[i], "par");
            same(found.end, end[i], "end");
        }
    }

    function test_price_is_the_second_implementations() public view {
        (uint256[] memory start, uint256[] memory par) =
            (column("priceAt", "start"), column("priceAt", "par"));
        (uint256[] memory end, uint256[] memory elapsed) =
            (column("priceAt", "end"), column("priceAt", "elapsed"));
        uint256[] memory price = column("priceAt", "price");
        for (uint256 i = 0; i < price.length; ++i) {
            AuctionPrice.Curve memory sale =
                AuctionPrice.Curve(uint128(start[i]), uint128(par[i]), uint128(end[i]));
            same(AuctionPrice.priceAt(sale, elapsed[i]), price[i], "price");
        }
    }

    function test_published_prices_hold() public view {
        (uint256[] memory high, uint256[] memory low) =
            (column("published", "high"), column("published", "low"));
        uint256[] memory elapsed = column("published", "elapsed");
        uint256[] memory duration = column("published", "duration");
        (uint256[] memory price, uint256[] memory off) =
            (column("published", "price"), column("published", "within"));
        for (uint256 i = 0; i < price.length; ++i) {
            uint256 found = AuctionPrice.exponentialUp(high[i], low[i], elapsed[i], duration[i]);
            atMost(found > price[i] ? found - price[i] : price[i] - found, off[i], "published price");
        }
        holds(price.length > 5, "there are cases");
    }

    function testFuzz_price_never_rises_and_stays_between_its_ends(
        uint256 appraisal,
        uint256 value,
        uint256 bid,
        uint256 early,
        uint256 later
    ) public pure {
        AuctionPrice.Curve memory sale = AuctionPrice.curve(
            within(appraisal, 0, 2 ** 60), within(value, 0, 2 ** 60), within(bid, 0, 2 ** 60)
        );
        early = within(early, 0, 7 hours);
        later = within(later, early, 8 hours);
        (uint256 first, uint256 second) =
            (AuctionPrice.priceAt(sale, early), AuctionPrice.priceAt(sale, later));
        atMost(second, first, "the price never rises");
        atMost(first, sale.start, "no price above the start");
        atMost(sale.end, second, "no price below the end");
    }

    function column(string memory table, string memory name) private view returns (uint256[] memory) {
        return vm.parseJsonUintArray(cases, string.concat(".", table, ".", name));
    }
}
