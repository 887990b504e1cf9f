// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Administered} from "../src/Administered.sol";
import {Custody} from "./support/Custody.sol";

/// @title An office with one dial that goes from 10 to 20
contract Office is Administered {
    uint256 public dial = 15;

    constructor(address admin_, address guardian_, uint256 delay_) Administered(admin_, guardian_, delay_) {}

    function _bounds(bytes32 key) internal pure override returns (uint256, uint256) {
        if (key != "dial") revert UnknownKey(key);
        return (10, 20);
    }

    function _apply(bytes32, uint256 value) internal override {
        dial = value;
    }
}

/// @title Nothing changes that was not announced, and nothing beyond its bounds
contract AdministeredTest is Custody {
    Office private office;

    function setUp() public {
        vm.warp(START);
        office = new Office(address(this), address(this), DELAY);
    }

    function test_a_change_waits_its_delay() public {
        office.propose("dial", 20);
        vm.warp(START + DELAY - 1);
        refused(abi.encodeCall(office.execute, ("dial")), Administered.TooEarly.selector);
        vm.warp(START + DELAY);
        vm.prank(stranger);
        refused(abi.encodeCall(office.execute, ("dial")), Administered.NotAdmin.selector);
        office.execute("dial");
        same(office.dial(), 20, "the dial");
        refused(abi.encodeCall(office.execute, ("dial")), Administered.NothingProposed.selector);
    }

    function test_a_change_grows_too_old() public {
        office.propose("dial", 20);
        vm.warp(START + DELAY + office.GRACE() + 1);
        refused(abi.encodeCall(office.execute, ("dial")), Administered.TooLate.selector);
    }

    function test_a_second_proposal_waits_anew() public {
        office.propose("dial", 20);
        vm.warp(START + DELAY - 1);
        office.propose("dial", 11);
        vm.warp(START + DELAY);
        refused(abi.encodeCall(office.execute, ("dial")), Administered.TooEarly.selector);
        vm.warp(START + 2 * DELAY);
        office.execute("dial");
        same(office.dial(), 11, "the dial");
    }

    function test_the_guardian_is_in_office_from_the_first_block() public {
        Office other = new Office(address(this), warden, DELAY);
        same(other.guardian(), warden, "the guardian");
        same(other.admin(), address(this), "the admin");
        try new Office(address(this), address(0), DELAY) {
            holds(false, "nobody is no guardian");
        } catch (bytes memory why) {
            same(bytes32(bytes4(why)), bytes32(Administered.OutOfBounds.selector), "the reason");
        }
    }

    /// forge-config: default.fuzz.runs = 256
    function testFuzz_bounds_hold(uint256 value) public {
        if (value < 10 || value > 20) {
            refused(abi.encodeCall(office.propose, ("dial", value)), Administered.OutOfBounds.selector);
        } else {
            office.propose("dial", value);
        }
    }

    function test_only_the_admin_proposes_and_only_known_keys() public {
        vm.prank(stranger);
        refused(abi.encodeCall(office.propose, ("dial", 12)), Administered.NotAdmin.selector);
        refused(abi.encodeCall(office.propose, ("other", 12)), Administered.UnknownKey.selector);
    }

    function test_the_guardian_may_cancel_but_not_propose() public {
        bytes32 key = office.GUARDIAN();
        office.propose(key, uint160(warden));
        vm.warp(START + DELAY);
        office.execute(key);
        same(office.guardian(), warden, "the guardian");
        office.propose("dial", 12);
        vm.prank(stranger);
        refused(abi.encodeCall(office.cancel, ("dial")), Administered.NotAdmin.selector);
        vm.prank(warden);
        office.cancel("dial");
        refused(abi.encodeCall(office.cancel, ("dial")), Administered.NothingProposed.selector);
        vm.prank(warden);
        refused(abi.encodeCall(office.propose, ("dial", 12)), Administered.NotAdmin.selector);
        office.propose("dial", 12);
        office.cancel("dial");
    }

    function test_a_new_admin_is_announced_and_accepts() public {
        bytes32 key = office.ADMIN();
        refused(abi.encodeCall(office.propose, (key, 0)), Administered.OutOfBounds.selector);
        refused(abi.encodeCall(office.propose, (key, 1 << 160)), Administered.OutOfBounds.selector);
        office.propose(key, uint160(holder));
        vm.warp(START + DELAY);
        office.execute(key);
        same(office.admin(), address(this), "still the old one");
        vm.prank(stranger);
        refused(abi.encodeCall(office.acceptAdmin, ()), Administered.NotHeir.selector);
        vm.prank(holder);
        office.acceptAdmin();
        same(office.admin(), holder, "the new one");
        same(office.heir(), address(0), "nobody waits");
        refused(abi.encodeCall(office.propose, ("dial", 12)), Administered.NotAdmin.selector);
    }

    function test_the_delay_has_bounds_where_money_is_real() public {
        vm.chainId(1);
        uint256[3] memory bad = [uint256(0), office.DELAY_MIN() - 1, office.DELAY_MAX() + 1];
        for (uint256 i = 0; i < 3; ++i) {
            try new Office(address(this), address(this), bad[i]) {
                holds(false, "no such delay");
            } catch (bytes memory why) {
                same(bytes32(bytes4(why)), bytes32(Administered.OutOfBounds.selector), "the reason");
            }
        }
        new Office(address(this), address(this), office.DELAY_MIN());
    }

    function refused(bytes memory data, bytes4 reason) private {
        refuses(address(office), data, reason);
    }
}
