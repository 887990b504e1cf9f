// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Median} from "../src/libraries/Median.sol";
import {Checks} from "./support/Checks.sol";

/// @title The middle is the engine's, and beyond a minority's reach
contract MedianTest is Checks {
    uint256 private constant SPREAD = 250_000_000; // [ppb]

    function test_middles_are_the_second_implementations() public view {
        string memory cases = vm.readFile("test/vectors/medians.json");
        uint256[] memory middles = vm.parseJsonUintArray(cases, ".median");
        uint256[] memory agreeing = vm.parseJsonUintArray(cases, ".agreeing");
        for (uint256 i = 0; i < middles.length; ++i) {
            uint256[] memory values =
                vm.parseJsonUintArray(cases, string.concat(".values[", vm.toString(i), "]"));
            same(Median.medianDown(values), middles[i], "median");
            same(Median.agreeing(values, SPREAD), agreeing[i], "agreeing");
        }
        holds(middles.length > 10, "there are cases");
    }

    function testFuzz_two_liars_of_five_stay_between_the_honest(
        uint64[3] memory honest,
        uint64[2] memory liars
    ) public pure {
        uint256[] memory all = new uint256[](5);
        uint256 low = type(uint64).max;
        uint256 high = 0;
        for (uint256 i = 0; i < 3; ++i) {
            all[i] = honest[i];
            if (honest[i] < low) low = honest[i];
            if (honest[i] > high) high = honest[i];
        }
        (all[3], all[4]) = (liars[0], liars[1]);
        uint256 middle = Median.medianDown(all);
        atMost(middle, high, "not above every honest report");
        atMost(low, middle, "not below every honest report");
    }
}
