// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {DelayedVault} from "../src/DelayedVault.sol";
import {Accounts} from "../src/libraries/Accounts.sol";
import {Members} from "./support/Members.sol";

/// @title What forge offers beyond `Cheats`: a contract's state, and words in a file
interface MoreCheats {
    function store(address where, bytes32 slot, bytes32 value) external;
    function parseJsonStringArray(string calldata json, string calldata key)
        external
        pure
        returns (string[] memory);
}

/// @title Members of the insurance and lending vaults come, earn, lose and go
contract DelayedVaultTest is Members {
    MoreCheats private constant more = MoreCheats(address(vm));
    uint256 private constant SUPPLY_SLOT = 2; // of ERC20
    uint256 private constant BOOK_SLOT = 5; // idle is its lowest part

    function setUp() public {
        setUpMembers();
    }

    // ---- shares

    function test_conversions_are_the_published_ones_and_the_engines() public {
        string memory cases = vm.readFile("test/vectors/shares.json");
        uint256[] memory argument = vm.parseJsonUintArray(cases, ".argument");
        uint256[] memory assets = vm.parseJsonUintArray(cases, ".assets");
        uint256[] memory supply = vm.parseJsonUintArray(cases, ".supply");
        uint256[] memory result = vm.parseJsonUintArray(cases, ".result");
        uint256[] memory scale = vm.parseJsonUintArray(cases, ".scale");
        string[] memory operation = more.parseJsonStringArray(cases, ".operation");
        for (uint256 i = 0; i < result.length; ++i) {
            more.store(address(lending), bytes32(SUPPLY_SLOT), bytes32(supply[i]));
            more.store(address(lending), bytes32(BOOK_SLOT), bytes32(assets[i]));
            same(lending.totalAssets(), assets[i], "the slot of idle");
            same(converted(operation[i], argument[i], scale[i]), result[i], operation[i]);
        }
        holds(result.length > 60, "there are cases");
    }

    function converted(string memory operation, uint256 argument, uint256 scale)
        private
        view
        returns (uint256)
    {
        bytes32 what = keccak256(bytes(operation));
        if (what == keccak256("deposit")) return lending.previewDeposit(argument) / scale;
        if (what == keccak256("mint")) return lending.previewMint(argument);
        if (what == keccak256("redeem")) return lending.previewRedeem(argument);
        return (lending.previewWithdraw(argument) + scale - 1) / scale;
    }

    function test_a_first_share_is_a_millionth_of_a_wei() public {
        same(enter(lending, member, 10 ether), 10 ether * 1e6, "at par");
        same(lending.decimals(), 24, "six more than WETH");
        same(lending.totalAssets(), 10 ether, "idle");
    }

    function test_small_entries_are_refused() public {
        give(member, 1 ether);
        vm.startPrank(member);
        weth.approve(address(lending), 1 ether);
        vm.expectRevert(abi.encodeWithSelector(DelayedVault.EntryBelowMinimum.selector, 0.001 ether - 1));
        lending.deposit(0.001 ether - 1, member);
        lending.deposit(0.001 ether, member);
        vm.stopPrank();
    }

    // ---- exits

    function test_an_exit_waits_48_hours_and_lasts_48() public {
        uint256 shares = enter(lending, member, 10 ether);
        ask(lending, member, shares);
        uint256 asked = block.timestamp;
        uint256[4] memory times = [asked, asked + 48 hours - 1, asked + 96 hours, asked + 48 hours];
        for (uint256 i = 0; i < 3; ++i) {
            vm.warp(times[i]);
            same(lending.maxRedeem(member) + lending.maxWithdraw(member), 0, "not now");
            vm.expectRevert(
                abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxRedeem.selector, member, shares, 0)
            );
            leave(lending, member, shares);
        }
        vm.warp(times[3]);
        same(leave(lending, member, shares), 10 ether, "all of it");
        same(lending.sharesAsked() + lending.totalSupply(), 0, "nothing is left");
    }

    function test_without_a_request_nobody_leaves() public {
        enter(lending, member, 10 ether);
        vm.warp(block.timestamp + 30 days);
        same(lending.maxRedeem(member), 0, "nothing was asked for");
    }

    function test_shares_asked_for_do_not_change_hands() public {
        uint256 shares = enter(lending, member, 10 ether);
        ask(lending, member, shares / 2);
        vm.startPrank(member);
        lending.transfer(other, shares / 2);
        vm.expectRevert(
            abi.encodeWithSelector(DelayedVault.SharesAsked.selector, member, shares / 2 - 1, shares / 2)
        );
        lending.transfer(other, 1);
        lending.requestExit(0);
        lending.transfer(other, 1);
        vm.stopPrank();
    }

    function test_nobody_asks_for_more_than_he_has() public {
        uint256 shares = enter(lending, member, 10 ether);
        bytes4 asked = DelayedVault.SharesAsked.selector;
        vm.expectRevert(abi.encodeWithSelector(asked, member, shares, shares + 1));
        ask(lending, member, shares + 1);
    }

    function test_a_request_is_forgotten_by_anyone_when_its_window_is_over() public {
        uint256 shares = enter(lending, member, 10 ether);
        ask(lending, member, shares);
        vm.expectRevert(abi.encodeWithSelector(DelayedVault.RequestStands.selector, member));
        lending.forget(member);
        vm.warp(block.timestamp + 96 hours);
        lending.forget(member);
        same(lending.sharesAsked(), 0, "nothing is asked for");
    }

    function test_withdraw_burns_shares_rounded_up() public {
        uint256 shares = enter(lending, member, 10 ether);
        ask(lending, member, shares);
        vm.warp(block.timestamp + 48 hours);
        vm.prank(member);
        same(lending.withdraw(4 ether, member, member), 4 ether * 1e6, "at par");
        (uint216 left,) = lending.requests(member);
        same(left, 6 ether * 1e6, "the rest is asked for");
    }

    // ---- at work

    function test_deployed_money_is_a_deposit_of_the_vault() public {
        enter(lending, member, 10 ether);
        uint64 sequence = lending.deploy(10 * ETH_ATOMS);
        same(sequence, 1, "the first deposit");
        same(address(vault).balance, 10 ether, "in the exchange");
        same(lending.totalAssets(), 10 ether, "in flight it counts");
        report(lending, 11 * ETH_ATOMS - ETH_ATOMS);
        same(lending.totalAssets(), 10 ether, "reported it counts once");
    }

    function test_gains_and_losses_come_with_reports() public {
        depositEther(stranger, 100 * ETH_ATOMS);
        uint256 shares = enter(lending, member, 10 ether);
        lending.deploy(10 * ETH_ATOMS);
        report(lending, 12 * ETH_ATOMS);
        same(lending.previewRedeem(shares), 12 ether - 1, "a fifth more");
        report(lending, 6 * ETH_ATOMS);
        same(lending.previewRedeem(shares) / 1e9, 6 ether / 1e9, "half of it");
    }

    function test_what_exits_ask_for_is_not_deployed() public {
        uint256 shares = enter(lending, member, 10 ether);
        ask(lending, member, shares / 2);
        vm.expectRevert(
            abi.encodeWithSelector(DelayedVault.AskedForByOthers.selector, 5 * ETH_ATOMS + 1, 5 * ETH_ATOMS)
        );
        lending.deploy(5 * ETH_ATOMS + 1);
        lending.deploy(5 * ETH_ATOMS);
        vm.expectRevert(abi.encodeWithSelector(DelayedVault.AskedForByOthers.selector, 1, 0));
        lending.deploy(1);
    }

    function test_an_exit_recalls_and_is_paid_when_it_is_back() public {
        uint256 shares = enter(lending, member, 10 ether);
        lending.deploy(10 * ETH_ATOMS);
        report(lending, 10 * ETH_ATOMS);
        ask(lending, member, shares);
        (uint64 asked,,) = lending.recalled();
        same(asked, 10 * ETH_ATOMS, "all was recalled");
        same(lending.missingAtoms(), 0, "nothing more");
        same(lending.maxDeposit(other), 0, "nobody comes in while money is on its way");
        sendBack(lending, 10 * ETH_ATOMS);
        same(lending.totalAssets(), 10 ether, "it counts once");
        vm.warp(block.timestamp + 48 hours);
        report(lending, 0);
        same(leave(lending, member, shares), 10 ether, "all of it");
        same(weth.balanceOf(member), 10 ether, "as WETH");
        holds(lending.maxDeposit(other) > 0, "open again");
    }

    function test_what_is_missing_can_be_recalled_again_after_a_week() public {
        uint256 shares = enter(lending, member, 10 ether);
        lending.deploy(10 * ETH_ATOMS);
        report(lending, 10 * ETH_ATOMS);
        ask(lending, member, shares);
        vm.expectRevert(abi.encodeWithSelector(DelayedVault.NothingMissing.selector, 0));
        lending.recall(1);
        vm.warp(block.timestamp + 7 days);
        ask(lending, member, shares);
        (uint64 asked,,) = lending.recalled();
        same(asked, 10 * ETH_ATOMS, "asked for once");
    }

    function test_a_payment_that_a_batch_may_not_include_is_not_counted_twice() public {
        uint256 shares = enter(lending, member, 10 ether);
        lending.deploy(10 * ETH_ATOMS);
        report(lending, 10 * ETH_ATOMS);
        ask(lending, member, shares);
        Proof memory old = posted(lending, Said(10 * ETH_ATOMS, 0, 0, 0));
        sendBack(lending, 4 * ETH_ATOMS);
        lending.report(old.b, old.leaf, old.beside); // from before the payment
        same(lending.totalAssets(), 10 ether, "4 here, 6 there");
    }

    function test_exits_bear_the_provision_and_newcomers_do_not() public {
        depositEther(stranger, 100 * ETH_ATOMS);
        uint256 shares = enter(lending, member, 10 ether);
        lending.deploy(8 * ETH_ATOMS);
        // The vault lent 4 of 20, and 5 of those 20 have no collateral.
        report(lending, Said(8 * ETH_ATOMS, 4 * ETH_ATOMS, 20 * ETH_ATOMS, 5 * ETH_ATOMS));
        same(lending.provision(), ETH_ATOMS, "a fifth of the loss");
        same(lending.previewRedeem(shares) / 1e9, 9 ether / 1e9, "bearing it");
        same(lending.totalAssets(), 10 ether, "not bearing it");
        holds(lending.maxDeposit(other) > 0, "the pool stays open");
    }

    function test_the_insurance_vault_bears_all_and_closes() public {
        depositEther(stranger, 100 * ETH_ATOMS);
        uint256 shares = enter(insurance, member, 10 ether);
        insurance.deploy(10 * ETH_ATOMS);
        report(insurance, Said(10 * ETH_ATOMS, 0, 30 * ETH_ATOMS, ETH_ATOMS / 10 - 1));
        holds(insurance.maxDeposit(other) > 0, "below one per cent it is open");
        report(insurance, Said(10 * ETH_ATOMS, 0, 30 * ETH_ATOMS, ETH_ATOMS / 10));
        same(insurance.maxDeposit(other) + insurance.maxMint(other), 0, "from there on it is closed");
        report(insurance, Said(10 * ETH_ATOMS, 0, 30 * ETH_ATOMS, 30 * ETH_ATOMS));
        same(insurance.provision(), 10 * ETH_ATOMS, "no more than it has");
        same(insurance.previewRedeem(shares), 0, "nothing is sure");
    }

    // ---- reports

    function test_a_report_is_final_newer_and_its_own() public {
        enter(lending, member, 10 ether);
        lending.deploy(10 * ETH_ATOMS);
        Proof memory proof = posted(lending, Said(10 * ETH_ATOMS, 0, 0, 0));
        vm.warp(block.timestamp - 1);
        vm.expectRevert(abi.encodeWithSelector(DelayedVault.NotFinal.selector, 1));
        lending.report(proof.b, proof.leaf, proof.beside);
        vm.warp(block.timestamp + 1);
        proof.leaf.lanes[Accounts.CLAIMS] += 1;
        vm.expectRevert(abi.encodeWithSelector(DelayedVault.NotInBatch.selector, 1));
        lending.report(proof.b, proof.leaf, proof.beside);
        proof.leaf.lanes[Accounts.CLAIMS] -= 1;
        vm.expectRevert(abi.encodeWithSelector(DelayedVault.NotOwnAccount.selector, 1, address(lending)));
        insurance.report(proof.b, proof.leaf, proof.beside);
        lending.report(proof.b, proof.leaf, proof.beside);
        vm.expectRevert(abi.encodeWithSelector(DelayedVault.NotNewer.selector, 1, 1));
        lending.report(proof.b, proof.leaf, proof.beside);
    }

    function test_without_a_report_of_the_day_nobody_comes_or_goes() public {
        uint256 shares = enter(lending, member, 10 ether);
        lending.deploy(5 * ETH_ATOMS);
        ask(lending, member, shares / 2);
        vm.warp(block.timestamp + 48 hours);
        same(lending.maxDeposit(other) + lending.maxRedeem(member), 0, "its value is not known");
        report(lending, 5 * ETH_ATOMS);
        holds(lending.maxDeposit(other) > 0, "known again");
        same(leave(lending, member, shares / 2), 5 ether, "paid");
    }

    function test_frozen_it_shares_what_is_here() public {
        uint256 shares = enter(lending, member, 10 ether);
        lending.deploy(6 * ETH_ATOMS);
        report(lending, 6 * ETH_ATOMS);
        ask(lending, member, shares);
        uint64 newest = settlement.newestFinal();
        vm.prank(forcedExit);
        settlement.freeze(newest);
        vm.warp(block.timestamp + 48 hours);
        same(lending.maxDeposit(other), 0, "closed for ever");
        vm.prank(frozenExit);
        vault.pay(0, 0, 3 * ETH_ATOMS, address(lending)); // half of the claim was worth something
        same(leave(lending, member, shares), 7 ether, "4 idle and 3 back");
    }

    // ---- money from elsewhere

    function test_ether_comes_from_the_exchange_only() public {
        vm.deal(stranger, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(DelayedVault.NotExpected.selector, stranger));
        vm.prank(stranger);
        (bool sent,) = address(lending).call{value: 1 ether}("");
        holds(sent, "expectRevert has seen it");
    }

    function test_a_payment_that_failed_is_fetched() public {
        depositEther(stranger, ETH_ATOMS);
        enter(lending, member, 1 ether);
        vm.prank(frozenExit);
        bool delivered = vault.pay(0, 0, 1e6 - 1, address(lending)); // too small to be taken alone
        holds(!delivered, "credited");
        vm.prank(frozenExit);
        vault.pay(0, 0, 2e6, address(lending));
        same(lending.totalAssets(), 1.002 ether, "the second payment");
        vm.expectRevert();
        lending.collectCredit(address(vault));
        same(vault.credits(address(lending), 0), 1e6 - 1, "it waits for more");
        vm.expectRevert(abi.encodeWithSelector(DelayedVault.NotExpected.selector, attacker));
        lending.collectCredit(attacker);
    }

    function test_what_frozen_debtors_repay_comes_from_its_module() public {
        enter(lending, member, 1 ether);
        vm.deal(frozenExit, 2 ether);
        vm.prank(frozenExit);
        (bool sent,) = address(lending).call{value: 2 ether, gas: 50_000}("");
        holds(sent, "within the gas of a payment");
        same(lending.totalAssets(), 3 ether, "counted");
    }

    function test_many_payments_never_block_the_next() public {
        depositEther(stranger, 100 * ETH_ATOMS);
        enter(lending, member, 1 ether);
        for (uint256 i = 0; i < 40; ++i) {
            vm.prank(frozenExit);
            holds(vault.pay(0, 0, 1e6, address(lending)), "taken");
        }
        same(lending.totalAssets(), 1.04 ether, "all of them");
    }

    function testFuzz_money_in_is_money_out(uint256 first, uint256 second, uint256 claim) public {
        depositEther(stranger, 1_000 * ETH_ATOMS);
        (first, second) = (within(first, 1 ether, 100 ether), within(second, 0.001 ether, 100 ether));
        uint256 bought = enter(lending, member, first);
        lending.deploy(uint128(first / 2 / 1e9));
        report(lending, uint128(within(claim, 0, 1_000 * ETH_ATOMS)));
        if (lending.maxDeposit(other) == 0) return; // as good as spent
        uint256 shares = enter(lending, other, second);
        atMost(lending.previewRedeem(shares), second, "who comes and goes wins nothing");
        atMost(
            lending.previewRedeem(shares) + lending.previewRedeem(bought),
            lending.totalAssets(),
            "no more than is there"
        );
    }
}
