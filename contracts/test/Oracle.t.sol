// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {Administered} from "../src/Administered.sol";
import {Oracle} from "../src/Oracle.sol";
import {Reports} from "../src/libraries/Reports.sol";
import {Reporters} from "./support/Reporters.sol";

/// @title The oracle: what the program signed is accepted to the bit, and only what a quorum says counts
contract OracleTest is Reporters {
    string private cases;

    function setUp() public {
        setUpOracle();
        cases = vm.readFile("test/vectors/report.json");
    }

    // ---- signatures ----------------------------------------------------------------------------

    function test_reports_signed_by_the_program_are_accepted() public {
        address[] memory their = new address[](5);
        for (uint256 i = 0; i < 5; ++i) {
            their[i] = vm.parseJsonAddress(cases, string.concat(".reporters[", vm.toString(i), "]"));
        }
        replaceReporters(their, 3);
        vm.warp(vm.parseJsonUint(cases, ".now"));
        same(address(oracle), vm.parseJsonAddress(cases, ".oracle"), "the domain's contract");
        uint256 count = vm.parseJsonUint(cases, ".count");
        for (uint256 i = 0; i < count; ++i) {
            string memory key = string.concat(".reports[", vm.toString(i), "]");
            Reports.Report memory report = read(key);
            same(oracle.digest(report), vm.parseJsonBytes32(cases, string.concat(key, ".digest")), "digest");
            oracle.submit(report, vm.parseJsonBytes(cases, string.concat(key, ".signature")));
        }
        (uint256 floor,) = oracle.price(0, -1, Reports.INDEX);
        (uint256 middle,) = oracle.price(0, 7804, Reports.APPRAISAL);
        same(floor, 10 ** 10, "floor");
        same(middle, 11 * 10 ** 9, "P50");
    }

    function test_published_signature_is_the_signers_and_its_twin_nobodys() public {
        bytes32 digest = vm.parseJsonBytes32(cases, ".published.digest");
        bytes memory right = vm.parseJsonBytes(cases, ".published.signature");
        same(ECDSA.recover(digest, right), vm.parseJsonAddress(cases, ".published.signer"), "signer");
        vm.expectRevert();
        this.recover(digest, vm.parseJsonBytes(cases, ".published.twin"));
    }

    function recover(bytes32 digest, bytes calldata signature) external pure returns (address) {
        return ECDSA.recover(digest, signature);
    }

    // ---- acceptance ----------------------------------------------------------------------------

    function test_no_price_before_a_quorum() public {
        tell(0, market(1, 100));
        tell(1, market(1, 100));
        vm.expectRevert(Oracle.NothingReported.selector);
        oracle.price(1, -1, Reports.MARKET);
        tell(2, market(1, 102));
        same(priceOf(1), 100, "median of three");
    }

    function test_even_number_of_reports_has_the_mean_rounded_down() public {
        for (uint256 i = 0; i < 4; ++i) {
            tell(i, market(1, uint64(100 + i)));
        }
        same(priceOf(1), 101, "floor of 101.5");
    }

    function test_quarrel_is_no_price() public {
        tell(0, market(1, 100));
        tell(1, market(1, 200));
        tell(2, market(1, 300));
        same(priceOf(1), 0, "no quorum agrees");
    }

    function test_old_reports_outvote_but_make_no_quorum() public {
        for (uint256 i = 0; i < 5; ++i) {
            tell(i, market(1, 100));
        }
        vm.warp(block.timestamp + 2 hours);
        tell(0, market(1, 90));
        tell(1, market(1, 90));
        same(priceOf(1), 100, "two fresh ones are no quorum");
        (, uint64 sampledTo) = oracle.price(1, -1, Reports.MARKET);
        same(sampledTo, (block.timestamp - 2 hours) * 1e9, "the price grows old");
        tell(2, market(1, 90));
        same(priceOf(1), 90, "three of five counted");
    }

    // ---- observations --------------------------------------------------------------------------

    function test_median_over_a_day_takes_the_last_of_each_slot() public {
        uint256 start = (block.timestamp / 900 + 1) * 900;
        uint64[5] memory ticks = [uint64(100), 110, 105, 95, 400];
        for (uint256 i = 0; i < 5; ++i) {
            vm.warp(start + i * 900);
            for (uint256 j = 0; j < 5; ++j) {
                tell(j, market(1, 300));
            }
            vm.warp(start + i * 900 + 60);
            for (uint256 j = 0; j < 5; ++j) {
                tell(j, market(1, ticks[i]));
            }
        }
        same(oracle.medianOver(1, start, start + 4500), 105, "five slots");
        same(oracle.medianOver(1, start + 1, start + 4499), 105, "three whole slots: 110, 105, 95");
        same(oracle.medianOver(1, start + 1 days, start + 2 days), 0, "none");
        same(oracle.medianOver(1, start + 900, start), 0, "an empty span");
    }

    // ---- refusals ------------------------------------------------------------------------------

    function test_stranger_is_refused() public {
        Reports.Report memory report = market(1, 100);
        bytes memory signature = sign(0xBAD, report);
        vm.expectRevert(abi.encodeWithSelector(Oracle.UnknownReporter.selector, vm.addr(0xBAD)));
        oracle.submit(report, signature);
    }

    function test_future_old_and_repeated_reports_are_refused() public {
        Reports.Report memory report = market(1, 100);
        report.sampledTo += 1;
        refuse(report, abi.encodeWithSelector(Oracle.SampledInTheFuture.selector, report.sampledTo));
        report.sampledTo -= 3_600 * 1e9 + 2;
        report.sampledFrom = report.sampledTo;
        refuse(report, abi.encodeWithSelector(Oracle.StaleReport.selector, report.sampledTo, report.round));
        tell(0, market(1, 100));
        report = market(1, 100);
        report.round = 1;
        refuse(report, abi.encodeWithSelector(Oracle.StaleReport.selector, report.sampledTo, 1));
    }

    function test_malformed_values_are_refused() public {
        Reports.Report memory report = market(1, 0);
        refuse(report, abi.encodeWithSelector(Oracle.BadReport.selector));
        report = market(1, 2 ** 31);
        refuse(report, abi.encodeWithSelector(Oracle.BadReport.selector));
        report = appraisal(1, 5, 10, 9, 12);
        refuse(report, abi.encodeWithSelector(Oracle.BadReport.selector));
        report = index(1, 10, 11);
        refuse(report, abi.encodeWithSelector(Oracle.BadReport.selector));
        report = market(1, 100);
        report.kind = 4;
        refuse(report, abi.encodeWithSelector(Oracle.BadReport.selector));
    }

    // ---- reporters -----------------------------------------------------------------------------

    function test_reporters_change_only_as_announced() public {
        address[] memory heirs = new address[](1);
        heirs[0] = vm.addr(77);
        vm.expectRevert(abi.encodeWithSelector(Administered.NothingProposed.selector, oracle.REPORTERS()));
        oracle.setReporters(heirs, 1);
        oracle.propose(oracle.REPORTERS(), uint256(keccak256(abi.encode(heirs, uint256(1)))));
        vm.warp(block.timestamp + oracle.delay());
        heirs[0] = vm.addr(78);
        vm.expectRevert(Oracle.NotWhatWasProposed.selector);
        oracle.setReporters(heirs, 1);
        heirs[0] = vm.addr(77);
        oracle.setReporters(heirs, 1);
        holds(!oracle.isReporter(vm.addr(reporterKeys[0])), "the old ones are gone");
    }

    function test_half_is_no_quorum() public {
        address[] memory two = new address[](2);
        (two[0], two[1]) = (address(1), address(2));
        vm.expectRevert(abi.encodeWithSelector(Oracle.BadQuorum.selector, 1, 2));
        new Oracle(address(this), address(this), 0, two, 1);
    }

    function testFuzz_two_liars_of_five_move_no_price_beyond_the_honest(
        uint64[3] memory honest,
        uint64[2] memory lies
    ) public {
        uint256 low = type(uint64).max;
        uint256 high = 0;
        for (uint256 i = 0; i < 3; ++i) {
            uint64 ticks = uint64(within(honest[i], 1_000, 1_100));
            if (ticks < low) low = ticks;
            if (ticks > high) high = ticks;
            tell(i, market(1, ticks));
        }
        tell(3, market(1, uint64(within(lies[0], 1, 2 ** 31 - 1))));
        tell(4, market(1, uint64(within(lies[1], 1, 2 ** 31 - 1))));
        uint256 found = priceOf(1);
        atMost(low, found, "not below the honest");
        atMost(found, high, "not above the honest");
    }

    function refuse(Reports.Report memory report, bytes memory reason) private {
        bytes memory signature = sign(reporterKeys[0], report);
        vm.expectRevert(reason);
        oracle.submit(report, signature);
    }

    function read(string memory key) private view returns (Reports.Report memory report) {
        uint256[] memory values = vm.parseJsonUintArray(cases, string.concat(key, ".values"));
        report.values = new uint64[](values.length);
        for (uint256 i = 0; i < values.length; ++i) {
            report.values[i] = uint64(values[i]);
        }
        report.collection = uint32(vm.parseJsonUint(cases, string.concat(key, ".collection")));
        report.token = int64(vm.parseJsonInt(cases, string.concat(key, ".token")));
        report.kind = uint8(vm.parseJsonUint(cases, string.concat(key, ".kind")));
        report.sampledFrom = uint64(vm.parseJsonUint(cases, string.concat(key, ".sampledFrom")));
        report.sampledTo = uint64(vm.parseJsonUint(cases, string.concat(key, ".sampledTo")));
        report.round = uint64(vm.parseJsonUint(cases, string.concat(key, ".round")));
        report.source = vm.parseJsonBytes32(cases, string.concat(key, ".source"));
    }
}
