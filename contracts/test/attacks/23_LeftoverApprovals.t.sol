// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DelayedVault} from "../../src/DelayedVault.sol";
import {FractionVault} from "../../src/FractionVault.sol";
import {IndexVault} from "../../src/IndexVault.sol";
import {ICollections} from "../../src/interfaces/IPriceSource.sol";
import {IVault} from "../../src/interfaces/IVault.sol";
import {TestUsdc} from "../../src/test-tokens/TestUsdc.sol";
import {Vault} from "../../src/Vault.sol";
import {LendingVault} from "../../src/LendingVault.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {IWrappedEther} from "../../src/interfaces/IWrappedEther.sol";
import {WrappedEther} from "../../src/test-tokens/WrappedEther.sol";
import {Fund} from "../support/Fund.sol";

/// @title Row 23: spend the approvals that others left
/// @notice Flooring 2023-12, $1.6 M; NFTTrader. Guards: every contract takes from its caller alone, none
/// calls what it is told to call. tests/contracts/test_sources.py reads the sources for the same.
contract LeftoverApprovalsTest is Fund {
    uint64 private constant ID = 5;

    Vault private vault;
    TestUsdc private usdc;
    WrappedEther private weth;
    LendingVault private lending;
    FractionVault private fractions;
    bool private wasDone; // whether it was or not, nothing may have moved

    /// @dev the owner approves every contract for everything, for ever
    function setUp() public {
        setUpFund();
        (usdc, weth) = (new TestUsdc(), new WrappedEther());
        vault = new Vault(address(this), address(this), 2 days, usdc, address(this), address(this));
        vault.listCollection(PUNKS, address(punks));
        lending = new LendingVault(IWrappedEther(address(weth)), vault, ISettlement(address(this)));
        fractions = new FractionVault("", "", PUNKS, ID, INSTRUMENT, oracle, ICollections(address(vault)));
        punks.mint(owner, ID);
        usdc.mint(owner, 1e6);
        vm.deal(owner, 2 ether);
        vm.deal(attacker, 2 ether);
        vm.prank(attacker);
        weth.deposit{value: 1 ether}();
        address[4] memory spenders = [address(vault), address(lending), address(fractions), address(fund)];
        vm.startPrank(owner);
        weth.deposit{value: 1 ether}();
        for (uint256 i = 0; i < spenders.length; ++i) {
            punks.setApprovalForAll(spenders[i], true);
            usdc.approve(spenders[i], type(uint256).max);
            weth.approve(spenders[i], type(uint256).max);
        }
        vm.stopPrank();
    }

    // What the lending vault asks of a settlement.
    function frozenAt() external pure returns (uint64) {
        return 0;
    }

    function test_no_door_takes_from_another_than_its_caller() public {
        IndexVault.Named[] memory named = punk(ID);
        bytes[] memory calls = new bytes[](11);
        calls[0] = abi.encodeCall(IVault.depositToken, (PUNKS, ID, attacker));
        calls[1] = abi.encodeCall(IVault.depositMoney, (1, 1e6, attacker));
        calls[2] = abi.encodeCall(FractionVault.lock, (1e9));
        calls[3] = abi.encodeCall(IndexVault.mint, (named, 0, attacker));
        calls[4] = abi.encodeWithSignature("deposit(uint256,address)", 1 ether, attacker);
        calls[5] = abi.encodeWithSignature("mint(uint256,address)", 1 ether, attacker);
        calls[6] = abi.encodeWithSignature("withdraw(uint256,address,address)", 1 ether, attacker, owner);
        calls[7] = abi.encodeWithSignature("redeem(uint256,address,address)", 1, attacker, owner);
        calls[8] = abi.encodeWithSignature("transferFrom(address,address,uint256)", owner, attacker, 1);
        calls[9] = abi.encodeCall(IndexVault.redeem, (named, type(uint256).max, attacker));
        calls[10] = abi.encodeCall(DelayedVault.deploy, (1e9));
        address[4] memory targets = [address(vault), address(lending), address(fractions), address(fund)];
        vm.prank(attacker);
        weth.approve(address(lending), 1); // his own ether must not pay for the try
        for (uint256 i = 0; i < targets.length; ++i) {
            for (uint256 j = 0; j < calls.length; ++j) {
                vm.prank(attacker);
                (bool done,) = targets[i].call(calls[j]);
                holds(!done, "refused");
                same(punks.ownerOf(ID), owner, "the token");
                same(usdc.balanceOf(owner), 1e6, "the dollars");
                same(weth.balanceOf(owner), 1 ether, "the ether");
            }
        }
        same(punks.balanceOf(attacker) + usdc.balanceOf(attacker), 0, "the attacker wins nothing");
        same(weth.balanceOf(attacker), 1 ether, "nor loses anything");
    }

    function testFuzz_no_call_moves_what_was_approved(uint8 target, bytes4 selector, bytes calldata data)
        public
    {
        address[4] memory targets = [address(vault), address(lending), address(fractions), address(fund)];
        vm.prank(attacker);
        (wasDone,) = targets[target % 4].call(abi.encodePacked(selector, data));
        same(punks.ownerOf(ID), owner, "the token");
        same(usdc.balanceOf(owner), 1e6, "the dollars");
        same(weth.balanceOf(owner), 1 ether, "the ether");
    }
}
