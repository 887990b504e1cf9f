// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DelayedVault} from "../../src/DelayedVault.sol";
import {Members} from "../support/Members.sol";

/// @title Row 21: be a vault's first member and inflate its share
/// @notice JPEG'd H-01; Hundred, Sonne, Onyx, Wise. Guards: six decimals of virtual shares, a least entry,
/// and assets that the vault counted itself. Gifts come as WETH, as ether, and through the exchange.
contract FirstDepositorTest is Members {
    uint256 private constant VICTIM = 200 ether;

    function setUp() public {
        setUpMembers();
        depositEther(stranger, 100_000 * ETH_ATOMS);
    }

    function test_a_gift_through_the_exchange_wins_nothing() public {
        uint256[3] memory firsts = [uint256(0.001 ether), 1 ether, 100 ether];
        uint256[4] memory gifts = [uint256(0.001 ether), 1 ether, 200 ether, 10_000 ether];
        uint256 start = vm.snapshotState();
        for (uint256 i = 0; i < 24; ++i) {
            DelayedVault shares = i % 2 == 0 ? DelayedVault(lending) : DelayedVault(insurance);
            (int256 won, int256 lost) = inflate(shares, firsts[(i / 2) % 3], gifts[i / 6]);
            atMost(won, 0, "the attacker wins nothing");
            atMost(-lost * 1e6, int256(VICTIM + gifts[i / 6]), "the victim loses a millionth at most");
            vm.revertToState(start);
        }
    }

    function testFuzz_a_gift_through_the_exchange_wins_nothing(uint256 first, uint256 gift) public {
        first = within(first, 0.001 ether, 1_000 ether);
        gift = within(gift, 0.001 ether, 90_000 ether) / 1e9 * 1e9;
        (int256 won,) = inflate(lending, first, gift);
        atMost(won, 0, "the attacker wins nothing");
    }

    function test_what_is_sent_is_not_counted() public {
        uint256 own = enter(lending, attacker, 0.001 ether);
        give(attacker, 1_000 ether);
        vm.prank(attacker);
        weth.transfer(address(lending), 1_000 ether);
        same(lending.totalAssets(), 0.001 ether, "the gift is nobody's");
        uint256 bought = enter(lending, member, VICTIM);
        same(lending.previewRedeem(bought), VICTIM, "the victim has lost nothing");
        same(lending.previewRedeem(own), 0.001 ether, "the attacker has lost his gift");
    }

    function test_before_the_first_share_there_is_no_gift_to_take_either() public {
        (int256 won, int256 lost) = inflate(insurance, 0, 1_000 ether);
        same(won, -1_000 ether, "the attacker gave it away");
        atMost(-lost * 1e6, int256(VICTIM + 1_000 ether), "the victim loses a millionth at most");
    }

    /// @dev enter with `first`, give through the exchange, let the victim enter; what both have won then
    /// [wei]
    function inflate(DelayedVault shares, uint256 first, uint256 gift) private returns (int256, int256) {
        uint256 own = first == 0 ? 0 : enter(shares, attacker, first);
        depositEther(address(shares), uint128(gift / 1e9));
        report(shares, uint128(gift / 1e9));
        uint256 bought = enter(shares, member, VICTIM);
        int256 won = int256(shares.previewRedeem(own)) - int256(first) - int256(gift);
        return (won, int256(shares.previewRedeem(bought)) - int256(VICTIM));
    }
}
