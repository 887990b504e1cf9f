// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Oracle} from "../../src/Oracle.sol";
import {Reports} from "../../src/libraries/Reports.sol";
import {Checks} from "./Checks.sol";

/// @title An oracle of five reporters with a quorum of three
abstract contract Reporters is Checks {
    uint256 internal constant ORACLE_START = 1_700_000_000; // [s]

    Oracle internal oracle;
    uint256[5] internal reporterKeys;
    uint64 private rounds;

    function setUpOracle() internal {
        if (block.timestamp < ORACLE_START) vm.warp(ORACLE_START);
        address[] memory who = new address[](5);
        for (uint256 i = 0; i < 5; ++i) {
            (reporterKeys[i], who[i]) = (100 + i, vm.addr(100 + i));
        }
        for (uint256 i = 0; i < 5; ++i) {
            for (uint256 j = i + 1; j < 5; ++j) {
                if (who[j] > who[i]) continue;
                (who[i], who[j]) = (who[j], who[i]);
                (reporterKeys[i], reporterKeys[j]) = (reporterKeys[j], reporterKeys[i]);
            }
        }
        oracle = new Oracle(address(this), address(this), 4 days, who, 3);
    }

    function replaceReporters(address[] memory who, uint256 quorum) internal {
        for (uint256 i = 0; i < who.length; ++i) {
            for (uint256 j = i + 1; j < who.length; ++j) {
                if (who[j] < who[i]) (who[i], who[j]) = (who[j], who[i]);
            }
        }
        oracle.propose(oracle.REPORTERS(), uint256(keccak256(abi.encode(who, quorum))));
        vm.warp(block.timestamp + oracle.delay());
        oracle.setReporters(who, quorum);
    }

    function tell(uint256 reporter, Reports.Report memory report) internal {
        oracle.submit(report, sign(reporterKeys[reporter], report));
    }

    /// @notice Three reporters of five say the same.
    function agree(Reports.Report memory report) internal {
        for (uint256 i = 0; i < 3; ++i) {
            tell(i, report);
        }
    }

    function sign(uint256 key, Reports.Report memory report) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, oracle.digest(report));
        return abi.encodePacked(r, s, v);
    }

    function market(uint32 number, uint64 ticks) internal returns (Reports.Report memory) {
        uint64[] memory values = new uint64[](1);
        values[0] = ticks;
        return said(number, -1, Reports.MARKET, values);
    }

    function appraisal(uint32 collection, uint64 token, uint64 low, uint64 middle, uint64 high)
        internal
        returns (Reports.Report memory)
    {
        uint64[] memory values = new uint64[](4);
        (values[0], values[1], values[2]) = (low, middle, high);
        return said(collection, int64(token), Reports.APPRAISAL, values);
    }

    function index(uint32 collection, uint64 floor, uint64 bid) internal returns (Reports.Report memory) {
        uint64[] memory values = new uint64[](8);
        (values[0], values[1]) = (floor, bid);
        return said(collection, -1, Reports.INDEX, values);
    }

    function priceOf(uint32 number) internal view returns (uint256 ticks) {
        (ticks,) = oracle.price(number, -1, Reports.MARKET);
    }

    function said(uint32 number, int64 token, uint8 kind, uint64[] memory values)
        private
        returns (Reports.Report memory)
    {
        uint64 now_ = uint64(block.timestamp * 1e9);
        return Reports.Report(number, token, kind, values, now_, now_, ++rounds, bytes32(0));
    }
}
