// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FractionPrices} from "../src/libraries/FractionPrices.sol";
import {FundShares} from "../src/libraries/FundShares.sol";
import {PriceAverage} from "../src/libraries/PriceAverage.sol";
import {Checks} from "./support/Checks.sol";

/// @title Fractions and funds count as the engine does: test/vectors/instruments.json feeds both
contract InstrumentsTest is Checks {
    using PriceAverage for PriceAverage.History;

    uint256 private constant WEEK = 7 days;

    string private cases;
    PriceAverage.History[] private histories;

    function setUp() public {
        cases = vm.readFile("test/vectors/instruments.json");
    }

    function test_buyouts() public view {
        uint256[] memory appraisal = column(".buyout.appraisal");
        uint256[] memory twap = column(".buyout.twap");
        uint256[] memory supply = column(".buyout.supply");
        uint256[] memory minimum = column(".buyout.minimum");
        uint256[] memory counter = column(".buyout.counter");
        for (uint256 i = 0; i < minimum.length; ++i) {
            same(FractionPrices.buyoutMinimum(appraisal[i], twap[i], supply[i]), minimum[i], "minimum");
            same(FractionPrices.counterBid(minimum[i]), counter[i], "counter-bid");
        }
        holds(minimum.length > 10, "there are cases");
    }

    function test_shares_of_a_price() public view {
        uint256[] memory total = column(".share.total");
        uint256[] memory amount = column(".share.amount");
        uint256[] memory supply = column(".share.supply");
        uint256[] memory paid = column(".share.paid");
        for (uint256 i = 0; i < paid.length; ++i) {
            same(FractionPrices.share(total[i], amount[i], supply[i]), paid[i], "share");
        }
        holds(paid.length > 10, "there are cases");
    }

    function test_averages() public {
        for (uint256 i = 0; i < 4; ++i) {
            string memory path = string.concat(".average[", vm.toString(i), "]");
            uint256[] memory times = column(string.concat(path, ".times"));
            uint256[] memory prices = column(string.concat(path, ".prices"));
            uint256[] memory end = column(string.concat(path, ".end"));
            PriceAverage.History storage history = histories.push();
            for (uint256 j = 0; j < times.length; ++j) {
                vm.warp(times[j]);
                holds(history.note(prices[j], WEEK), "noted");
            }
            vm.warp(end[0]);
            same(history.average(WEEK), end[1], "average");
        }
    }

    function test_old_notes_leave_the_average_and_restarts_forget() public {
        PriceAverage.History storage history = histories.push();
        vm.warp(1_000 hours);
        history.note(100, WEEK);
        vm.warp(1_001 hours);
        history.note(10, WEEK);
        vm.warp(1_001 hours + WEEK);
        same(history.average(WEEK), 10, "the first price is more than a week old");
        holds(history.note(20, WEEK), "noted");
        same(history.oldest(), 1_001 hours, "what is older no longer counts");
        history.restart();
        same(history.average(WEEK) + history.newest() + history.oldest(), 0, "forgotten");
        holds(history.note(30, WEEK), "a new beginning");
        same(history.average(WEEK), 30, "its price");
    }

    function test_funds() public view {
        uint256[] memory worth = column(".fund.worth");
        uint256[] memory held = column(".fund.held");
        uint256[] memory supply = column(".fund.supply");
        uint256[] memory minted = column(".fund.minted");
        uint256[] memory burned = column(".fund.burned");
        for (uint256 i = 0; i < worth.length; ++i) {
            same(FundShares.sharesFor(worth[i], held[i], supply[i]), minted[i], "minted");
            same(FundShares.sharesToTake(worth[i], held[i], supply[i]), burned[i], "burned");
        }
        holds(worth.length > 10, "there are cases");
    }

    function test_fees() public view {
        uint256[] memory weight = column(".fund.weight");
        uint256[] memory target = column(".fund.target");
        uint256[] memory feeIn = column(".fund.feeIn");
        uint256[] memory feeOut = column(".fund.feeOut");
        for (uint256 i = 0; i < weight.length; ++i) {
            same(FundShares.feeToBring(weight[i], target[i]), feeIn[i], "fee to bring");
            same(FundShares.feeToTake(weight[i], target[i]), feeOut[i], "fee to take");
        }
    }

    function test_weights() public view {
        uint256 count = 0;
        for (; vm.keyExistsJson(cases, string.concat(".weights[", vm.toString(count), "]")); ++count) {
            string memory path = string.concat(".weights[", vm.toString(count), "]");
            uint256[] memory sizes = column(string.concat(path, ".sizes"));
            uint256[] memory weights = column(string.concat(path, ".weights"));
            uint256[] memory found = FundShares.cappedWeights(sizes, column(string.concat(path, ".cap"))[0]);
            for (uint256 i = 0; i < sizes.length; ++i) {
                same(found[i], weights[i], "weight");
            }
        }
        holds(count > 5, "there are cases");
    }

    function column(string memory name) private view returns (uint256[] memory) {
        return vm.parseJsonUintArray(cases, name);
    }
}
