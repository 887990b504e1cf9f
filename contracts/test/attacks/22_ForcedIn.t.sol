// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Vault} from "../../src/Vault.sol";
import {Bomb} from "../support/Receivers.sol";
import {Attack} from "./Attack.sol";

/// @title Row 22: claim what was forced in where no contract can refuse
contract ForcedInAttack is Attack {
    function setUp() public {
        setUpCustody();
        depositEther(holder, 10 * ETH_ATOMS);
    }

    function test_what_is_forced_in_is_credited_to_nobody() public {
        uint64 before = vault.lastSequence();
        new Bomb{value: give(5 ether)}(payable(address(vault)));
        usdc.mint(address(vault), 77);
        punks.mint(stranger, 2);
        vm.prank(stranger);
        punks.transferFrom(stranger, address(vault), 2);
        same(vault.lastSequence(), before, "no deposit");
        same(vault.received(0), 10 * ETH_ATOMS, "received");
        same(vault.received(1), 0, "received");
        // The thief of an unsolicited token owns nothing that he could hand in.
        vm.prank(stranger);
        refuses(address(vault), abi.encodeCall(vault.depositToken, (PUNKS, 2, stranger)), notOwner());
        vm.prank(frozenExit);
        refuses(
            address(vault),
            abi.encodeCall(vault.pay, (0, 0, 10 * ETH_ATOMS + 1, stranger)),
            Vault.NotHeld.selector
        );
        profitOf(stranger.balance, 0, "nothing gained");
    }

    function test_a_token_is_only_deposited_by_who_has_it() public {
        punks.mint(holder, 3);
        vm.prank(holder);
        punks.approve(address(vault), 3); // the holder's next transaction would deposit it
        vm.prank(stranger);
        refuses(address(vault), abi.encodeCall(vault.depositToken, (PUNKS, 3, stranger)), notOwner());
        same(punks.ownerOf(3), holder, "it stays");
    }

    function give(uint256 amount) private returns (uint256) {
        vm.deal(address(this), amount);
        return amount;
    }

    function notOwner() private pure returns (bytes4) {
        return bytes4(keccak256("ERC721IncorrectOwner(address,uint256,address)"));
    }
}
