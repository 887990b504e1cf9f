// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FrozenMath} from "../src/libraries/FrozenMath.sol";
import {FrozenExit} from "../src/FrozenExit.sol";
import {FrozenPrices} from "../src/FrozenPrices.sol";
import {Accounts} from "../src/libraries/Accounts.sol";
import {Exchange} from "./support/Exchange.sol";

/// @title Leaving a frozen exchange, to the last digit as the Python model says
contract FrozenExitTest is Exchange {
    string private cases;
    string private key;

    function setUp() public {
        setUpExchange();
        cases = vm.readFile("test/vectors/frozen.json");
    }

    // ---- the model's scenarios -----------------------------------------------------------------

    function test_loser_pays_his_winner() public {
        play(0);
    }

    function test_short_gains_are_shared() public {
        play(1);
    }

    function test_borrower_and_lenders() public {
        play(2);
    }

    function test_short_assets_are_shared() public {
        play(3);
    }

    function test_late_winner() public {
        play(4);
    }

    function test_all_scenarios_are_played() public view {
        same(vm.parseJsonUint(cases, ".count"), 5, "scenarios");
    }

    function play(uint256 scenario) private {
        key = string.concat(".scenarios[", vm.toString(scenario), "]");
        build();
        postFinal();
        freezeNow();
        observe();
        settlePrices();
        checkPrices();
        uint256[] memory what = column("steps", "what");
        uint256[] memory account = column("steps", "account");
        uint256[] memory asset = column("steps", "asset");
        uint256[] memory most = column("steps", "most");
        (uint256[] memory ether_, uint256[] memory usdc_) =
            (column("steps", "ether"), column("steps", "usdc"));
        for (uint256 i = 0; i < what.length; ++i) {
            uint64 number = uint64(account[i]);
            if (what[i] > 0) {
                vm.warp(settlement.frozenAt() + vm.parseJsonUint(cases, string.concat(key, ".at")));
            }
            if (what[i] <= 1) check(number, ether_[i], usdc_[i]);
            if (what[i] == 2) checkRepaid(number, uint32(asset[i]), uint128(most[i]), ether_[i] + usdc_[i]);
            if (what[i] == 3) checkClaim(number, ether_[i], usdc_[i]);
        }
        checkCovered();
    }

    function build() private {
        uint256[] memory assets = column("markets", "asset");
        (uint256[] memory unit, uint256[] memory mark) =
            (column("markets", "unit"), column("markets", "mark"));
        for (uint256 i = 0; i < assets.length; ++i) {
            addMarket(uint8(assets[i]), uint64(mark[i]), uint64(unit[i]));
        }
        (int256[] memory ether_, int256[] memory usdc_) =
            (signed("accounts", "ether"), signed("accounts", "usdc"));
        (uint256[] memory lent, uint256[] memory system) =
            (column("accounts", "lent"), column("accounts", "system"));
        for (uint256 i = 0; i < ether_.length; ++i) {
            uint64 number = addAccount(address(uint160(0xACC0 + i)), ether_[i], usdc_[i]);
            leaves[number].lanes[4] = uint128(lent[i]);
            if (system[i] == 1) leaves[number].status |= Accounts.SYSTEM;
        }
        if (!vm.keyExistsJson(cases, string.concat(key, ".positions.account"))) return;
        (uint256[] memory owner, uint256[] memory market) =
            (column("positions", "account"), column("positions", "market"));
        (int256[] memory size, int256[] memory upnl) =
            (signed("positions", "size"), signed("positions", "upnl"));
        for (uint256 i = 0; i < owner.length; ++i) {
            addPosition(uint64(owner[i]), uint32(market[i]), int128(size[i]), int128(upnl[i]));
        }
    }

    function observe() private {
        uint256[] memory median = column("markets", "median");
        vm.warp(settlement.frozenAt() + 12 hours);
        for (uint256 i = 0; i < median.length; ++i) {
            if (median[i] > 0) agree(market(uint32(i), uint64(median[i])));
        }
    }

    function checkPrices() private view {
        uint256[] memory price = column("markets", "price");
        for (uint256 i = 0; i < price.length; ++i) {
            same(prices.settled(uint32(i)).price, price[i], "settled price");
        }
    }

    function check(uint64 number, uint256 etherDebt, uint256 usdcDebt) private {
        register(number);
        FrozenExit.Account memory found = frozen.accounts(number);
        same(found.owes[0], etherDebt, "debt of ether");
        same(found.owes[1], usdcDebt, "debt of USDC");
        if (block.timestamp >= settlement.frozenAt() + 8 days) return; // late: at most what was reserved
        (uint256[] memory principal, uint256[] memory gains) =
            (column("settled", "principal"), column("settled", "gains"));
        for (uint256 i = 0; i < 2; ++i) {
            same(found.principal[i], principal[2 * number + i], "principal");
            same(found.gains[i], gains[2 * number + i], "gains");
        }
        same(found.lent, column("settled", "lent")[number], "lent");
    }

    function checkRepaid(uint64 number, uint32 asset, uint128 most, uint256 expected) private {
        if (expected == 0) return;
        uint256 before = frozen.pots(asset).recovered;
        repay(number, asset, most);
        same(frozen.pots(asset).recovered - before, expected, "repaid");
    }

    function checkClaim(uint64 number, uint256 ether_, uint256 usdc_) private {
        address owner = leaves[number].owner;
        (uint256 etherBefore, uint256 usdcBefore) = (owner.balance, usdc.balanceOf(owner));
        try frozen.claim(number) {}
        catch (bytes memory reason) {
            bool isDebtor = bytes4(reason) == FrozenExit.StillOwes.selector;
            holds(
                isDebtor || bytes4(reason) == FrozenExit.IsSystem.selector,
                "only debtors and the exchange wait"
            );
        }
        same(owner.balance - etherBefore, ether_ * GWEI, "ether paid");
        same(usdc.balanceOf(owner) - usdcBefore, usdc_, "USDC paid");
    }

    function checkCovered() private view {
        for (uint32 asset = 0; asset < 2; ++asset) {
            FrozenMath.Pot memory pot = frozen.pots(asset);
            atMost(pot.paid, uint256(pot.assets) + pot.recovered, "what is paid is there");
        }
    }

    // ---- the batch -----------------------------------------------------------------------------

    function test_nothing_happens_before_a_freeze() public {
        addAccount(address(1), int256(uint256(ETHER)), 0);
        postFinal();
        vm.expectRevert(FrozenExit.NotFrozen.selector);
        frozen.open(last);
        vm.expectRevert(FrozenExit.NotOpened.selector);
        register(0);
        vm.expectRevert(FrozenPrices.NotFrozen.selector);
        prices.settle(last, marks, 0);
    }

    function test_a_batch_inside_its_window_is_not_used() public {
        addAccount(address(1), int256(uint256(5 * ETHER)), 0);
        postFinal();
        vm.deal(address(this), 1 ether);
        uint256 number = forced.request{value: BOND}(0, 0, 0, ETHER);
        vm.warp(block.timestamp + SERVE - 600);
        setEquity(0, int256(uint256(ETHER)), 0);
        last.withdrawn[0] = 4 * ETHER;
        post();
        vm.warp(settlement.frozenAt() + block.timestamp + 1_000);
        forced.freeze(number);
        same(settlement.frozenBatch(), 1, "the newest final one");
        vm.expectRevert(FrozenExit.WrongBatch.selector);
        frozen.open(last);
    }

    function test_without_a_final_batch_every_deposit_goes_back() public {
        address owner = address(0xD0);
        uint64 sequence = deposit(owner, 0, 3 * ETHER);
        freezeNow();
        frozen.refundDeposit(sequence, owner, 0, 0, 3 * ETHER);
        same(owner.balance, 3 ether, "refunded");
        vm.expectRevert(abi.encodeWithSelector(FrozenExit.CannotRefund.selector, sequence));
        frozen.refundDeposit(sequence, owner, 0, 0, 3 * ETHER);
    }

    // ---- registration --------------------------------------------------------------------------

    function test_false_leaf_or_positions_are_refused() public {
        addMarket(0, 1_000, 10);
        addAccount(address(1), int256(uint256(ETHER)), 0);
        addAccount(address(2), int256(uint256(ETHER)), 0);
        addPosition(0, 0, 5, 7);
        postFinal();
        freezeNow();
        settlePrices();
        Accounts.Leaf memory leaf = leaves[0];
        leaf.lanes[0] += 1;
        vm.expectRevert(FrozenExit.NotInBatch.selector);
        frozen.register(leaf, accountProof(0), positions[0]);
        vm.expectRevert(FrozenExit.WrongPositions.selector);
        frozen.register(leaves[0], accountProof(0), positions[1]);
        register(0);
        vm.expectRevert(abi.encodeWithSelector(FrozenExit.AlreadyRegistered.selector, 0));
        register(0);
    }

    function test_times_are_kept() public {
        addAccount(address(1), int256(uint256(ETHER)), 0);
        postFinal();
        freezeNow();
        uint256 start = settlement.frozenAt();
        vm.expectRevert(abi.encodeWithSelector(FrozenExit.TooEarly.selector, start + 1 days));
        register(0);
        vm.warp(start + 1 days);
        register(0);
        vm.warp(start + 8 days - 1);
        vm.expectRevert(abi.encodeWithSelector(FrozenExit.TooEarly.selector, start + 8 days));
        frozen.claim(0);
        vm.warp(start + 8 days);
        frozen.claim(0);
        same(address(1).balance, 1 ether, "paid");
    }

    function test_prices_before_the_freeze_do_not_count() public {
        addMarket(0, 1_000, 10);
        addAccount(address(1), int256(uint256(ETHER)), 0);
        postFinal();
        agree(market(0, 900));
        freezeNow();
        settlePrices();
        same(prices.settled(0).price, 1_000, "the mark");
    }

    // ---- debts ---------------------------------------------------------------------------------

    function test_repaying_too_much_is_credited() public {
        addAccount(address(1), -int256(uint256(ETHER)), 0);
        leaves[addAccount(address(2), int256(uint256(3 * ETHER)), 0)].lanes[4] = ETHER;
        postFinal();
        freezeNow();
        settlePrices();
        registerAll();
        uint128 owed = frozen.owed(0, 0);
        repay(0, 0, owed + 5);
        same(frozen.credits(address(this), 0), 5, "credited");
        same(frozen.owed(0, 0), 0, "nothing is owed");
        uint256 before = address(this).balance;
        frozen.withdrawCredit(0, address(this));
        same(address(this).balance - before, 5 * GWEI, "fetched");
        vm.expectRevert(abi.encodeWithSelector(FrozenExit.OwesNothing.selector, 0));
        frozen.repay{value: GWEI}(0, 0, 1);
    }

    // ---- reading -------------------------------------------------------------------------------

    function column(string memory table, string memory name) private view returns (uint256[] memory) {
        return vm.parseJsonUintArray(cases, string.concat(key, ".", table, ".", name));
    }

    function signed(string memory table, string memory name) private view returns (int256[] memory) {
        return vm.parseJsonIntArray(cases, string.concat(key, ".", table, ".", name));
    }
}
