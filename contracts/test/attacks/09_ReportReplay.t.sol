// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Oracle} from "../../src/Oracle.sol";
import {Reports} from "../../src/libraries/Reports.sol";
import {FrozenAttack} from "./FrozenAttack.sol";

/// @title Row 9: reports are replayed, moved to another chain or contract, or signed by nobody
contract ReportReplayAttack is FrozenAttack {
    uint256 private constant N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    Reports.Report[] private old;
    bytes[] private signatures;

    /// @dev Before the freeze the price was 44 ETH, after it 38: the attacker, who is long, repeats the old
    /// reports.
    function setUp() public {
        setUpExchange();
        openPositions();
        for (uint256 i = 0; i < 3; ++i) {
            Reports.Report memory report = market(0, 440_000);
            old.push(report);
            signatures.push(sign(reporterKeys[i], report));
            oracle.submit(report, signatures[i]);
        }
        freezeNow();
        vm.warp(settlement.frozenAt() + 6 hours);
        agree(market(0, 380_000));
    }

    function test_replays_move_nothing() public {
        for (uint256 i = 0; i < 3; ++i) {
            fails(address(oracle), abi.encodeCall(oracle.submit, (old[i], signatures[i])), "the same again");
            Reports.Report memory fresh = old[i];
            fresh.sampledTo = uint64(block.timestamp * 1e9);
            fresh.round += 100;
            fails(address(oracle), abi.encodeCall(oracle.submit, (fresh, signatures[i])), "another time");
        }
        gained();
    }

    function test_other_domains_move_nothing() public {
        Oracle elsewhere = newOracle();
        for (uint256 i = 0; i < 3; ++i) {
            Reports.Report memory report = market(0, 440_000);
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(reporterKeys[i], elsewhere.digest(report));
            bytes memory call_ = abi.encodeCall(oracle.submit, (report, abi.encodePacked(r, s, v)));
            fails(address(oracle), call_, "another contract's");
            vm.chainId(5);
            bytes memory theirs = sign(reporterKeys[i], report);
            vm.chainId(31_337);
            fails(address(oracle), abi.encodeCall(oracle.submit, (report, theirs)), "another chain's");
        }
        gained();
    }

    function test_twins_and_nobodys_signatures_move_nothing() public {
        Reports.Report memory report = market(0, 440_000);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(reporterKeys[0], oracle.digest(report));
        bytes memory twin = abi.encodePacked(r, bytes32(N - uint256(s)), v == 27 ? uint8(28) : uint8(27));
        fails(address(oracle), abi.encodeCall(oracle.submit, (report, twin)), "the high-s twin");
        fails(address(oracle), abi.encodeCall(oracle.submit, (report, new bytes(65))), "of zeros");
        fails(address(oracle), abi.encodeCall(oracle.submit, (report, new bytes(0))), "of nothing");
        gained();
    }

    function gained() private {
        finish();
        frozen.claim(0);
        profitOf(attacker.balance, 18 ether, "no more than at the honest price");
    }

    function newOracle() private returns (Oracle) {
        address[] memory who = new address[](5);
        for (uint256 i = 0; i < 5; ++i) {
            who[i] = vm.addr(reporterKeys[i]);
        }
        return new Oracle(address(this), address(this), 4 days, who, 3);
    }
}
