// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {FractionVault} from "../../src/FractionVault.sol";
import {IndexVault} from "../../src/IndexVault.sol";
import {Payouts} from "../../src/libraries/Payouts.sol";
import {ICollections, IPriceSource} from "../../src/interfaces/IPriceSource.sol";
import {Members} from "../support/Members.sol";

/// @title Row 22: claim what somebody else sent, without a deposit or under a wrong name
/// @notice papr H-03; NFTX punk front-run. Guards: what is sent without a deposit is credited to nobody,
/// direct sends are refused where they can be, a deposit names its owner and takes from its caller.
contract UnsolicitedTransferTest is Members {
    uint256 private constant ID = 5;

    function setUp() public {
        setUpMembers();
        punks.mint(member, ID);
    }

    function test_a_token_sent_to_the_vault_is_nobodys() public {
        vm.prank(member);
        punks.transferFrom(member, address(vault), ID);
        same(vault.lastSequence(), 0, "no deposit");
        vm.startPrank(attacker);
        vm.expectRevert(
            abi.encodeWithSelector(IERC721Errors.ERC721IncorrectOwner.selector, attacker, ID, address(vault))
        );
        vault.depositToken(PUNKS, ID, attacker);
        vm.expectRevert();
        vault.withdrawTokenCredit(PUNKS, ID, attacker);
        vm.expectRevert();
        vault.pay(Payouts.TOKEN, PUNKS, uint128(ID), attacker);
        vm.stopPrank();
        same(punks.balanceOf(attacker), 0, "the attacker wins nothing");
    }

    function test_a_safe_transfer_is_refused() public {
        address[4] memory targets = [address(vault), address(lending), address(fractions()), address(fund())];
        vm.startPrank(member);
        for (uint256 i = 0; i < targets.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721InvalidReceiver.selector, targets[i]));
            punks.safeTransferFrom(member, targets[i], ID);
        }
        vm.stopPrank();
        same(punks.ownerOf(ID), member, "the sender still has it");
    }

    function test_ether_that_no_deposit_names_is_refused() public {
        address[4] memory targets = [address(vault), address(lending), address(fractions()), address(fund())];
        vm.deal(member, 4 ether);
        for (uint256 i = 0; i < targets.length; ++i) {
            vm.prank(member);
            (bool sent,) = targets[i].call{value: 1 ether}("");
            holds(!sent, "refused");
        }
        same(member.balance, 4 ether, "the sender still has it");
    }

    function test_dollars_sent_to_the_vault_are_nobodys() public {
        usdc.mint(address(vault), 1e6);
        same(vault.received(1), 0, "not received");
        vm.expectRevert();
        vm.prank(attacker);
        vault.depositMoney(1, 1e6, attacker);
        same(vault.lastSequence(), 0, "no deposit");
    }

    function test_a_token_sent_to_a_fraction_vault_does_not_lock() public {
        FractionVault shares = fractions();
        vm.prank(member);
        punks.transferFrom(member, address(shares), ID);
        vm.expectRevert();
        vm.prank(attacker);
        shares.lock(1e9);
        same(shares.totalSupply(), 0, "no units");
    }

    function test_a_token_sent_to_a_fund_is_not_its() public {
        IndexVault shares = fund();
        vm.prank(member);
        punks.transferFrom(member, address(shares), ID);
        IndexVault.Named[] memory named = new IndexVault.Named[](1);
        named[0] = IndexVault.Named(0, uint64(ID));
        vm.startPrank(attacker);
        vm.expectRevert(abi.encodeWithSelector(IndexVault.NotHeld.selector, 0, ID));
        shares.redeem(named, type(uint256).max, attacker);
        shares.redeemAll(attacker); // all of no shares is nothing
        vm.stopPrank();
        same(punks.balanceOf(attacker), 0, "the attacker wins nothing");
    }

    function test_a_deposit_belongs_to_whom_it_names() public {
        vm.startPrank(member);
        punks.approve(address(vault), ID);
        uint64 sequence = vault.depositToken(PUNKS, ID, other);
        vm.stopPrank();
        bytes32 record =
            keccak256(abi.encodePacked(uint8(4), sequence, other, Payouts.TOKEN, uint32(PUNKS), uint128(ID)));
        same(vault.deposits(sequence), record, "to the owner named, not to the caller");
    }

    function fractions() private returns (FractionVault) {
        ICollections known = ICollections(address(vault));
        return new FractionVault("", "", PUNKS, ID, 7, IPriceSource(address(this)), known);
    }

    function fund() private returns (IndexVault) {
        (uint32[] memory numbers, uint32[] memory supplies) = (new uint32[](2), new uint32[](2));
        (numbers[0], numbers[1]) = (PUNKS, PUNKS + 1);
        vm.prank(vault.admin());
        if (vault.collections(PUNKS + 1) == address(0)) list(PUNKS + 1, address(usdc));
        return new IndexVault(
            "", "", numbers, supplies, 5e8, IPriceSource(address(this)), ICollections(address(vault))
        );
    }

    function list(uint32 number, address token) private {
        bytes32 key = vault.collectionKey(number);
        vault.propose(key, uint160(token));
        vm.warp(block.timestamp + DELAY);
        vault.execute(key);
    }
}
