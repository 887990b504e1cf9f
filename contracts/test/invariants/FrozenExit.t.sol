// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FrozenExit} from "../../src/FrozenExit.sol";
import {FrozenMath} from "../../src/libraries/FrozenMath.sol";
import {Accounts} from "../../src/libraries/Accounts.sol";
import {Payouts} from "../../src/libraries/Payouts.sol";
import {Exchange} from "../support/Exchange.sol";

/// @title Steps of strangers in any order; what fails changes nothing
contract Strangers {
    FrozenExitInvariants private immutable exchange;

    constructor(FrozenExitInvariants exchange_) {
        exchange = exchange_;
    }

    function step(uint8 what, uint64 account, uint128 amount) external {
        exchange.step(what, account, amount);
    }
}

/// @title What holds of a frozen exchange after every step
contract FrozenExitInvariants is Exchange {
    uint128 private constant LATE_DEPOSIT = 3 * ETHER;
    uint128 private constant PAYOUT = 2 * ETHER;
    address private constant depositor = address(0xD0);

    Strangers private strangers;
    uint64 private lateDeposit;
    uint256 private payout;

    function setUp() public {
        setUpExchange();
        addMarket(0, 400_000, 1_000);
        addMarket(1, 6_000_000, 10);
        int256 one = int256(uint256(ETHER));
        addAccount(address(0xA0), -30 * one, int256(uint256(2_000 * DOLLAR)));
        addAccount(address(0xA1), 60 * one, 0);
        addAccount(address(0xA2), 30 * one, 0);
        addAccount(address(0xA3), 8 * one, int256(uint256(9_000 * DOLLAR)));
        addAccount(address(0xA4), 2 * one, -int256(uint256(400 * DOLLAR)));
        addAccount(address(0xA5), 5 * one, int256(uint256(50 * DOLLAR)));
        (leaves[1].lanes[4], leaves[2].lanes[4]) = (20 * ETHER, 10 * ETHER);
        leaves[5].status |= Accounts.SYSTEM;
        addPosition(0, 0, 50, -1e9);
        addPosition(3, 0, -50, 1e9);
        addPosition(3, 1, 70, -1e7);
        addPosition(4, 1, -70, 1e7);
        addToken(0, 7804);
        addToken(0, 42);
        addToken(4, 5);
        payout = debit(1, 0, PAYOUT);
        postFinal();
        lateDeposit = deposit(depositor, 0, LATE_DEPOSIT);
        freezeNow();
        vm.warp(settlement.frozenAt() + 12 hours);
        agree(market(0, 360_000));
        agree(market(1, 6_300_000));
        settlePrices();
        strangers = new Strangers(this);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(strangers);
    }

    function step(uint8 what, uint64 account, uint128 amount) external {
        uint64 number = account % uint64(leaves.length);
        uint256 kind = what % 10;
        if (kind == 0) vm.warp(block.timestamp + within(amount, 1 hours, 4 days));
        if (kind <= 2) attempt(address(frozen), 0, registration(number));
        if (kind == 3 || kind == 4) attempt(address(frozen), 0, abi.encodeCall(frozen.claim, (number)));
        if (kind == 5) repaySome(number, uint32(what / 10 % 2), uint128(within(amount, 1, 40 * ETHER)));
        if (kind == 6 && tokens[number].length > 0) {
            uint256 which = amount % tokens[number].length;
            attempt(address(frozen), 0, abi.encodeCall(frozen.reclaimToken, (number, tokens[number], which)));
        }
        if (kind == 7 && tokens[number].length > 0) {
            uint256 which = amount % tokens[number].length;
            attempt(address(frozen), 0, abi.encodeCall(frozen.startAuction, (number, tokens[number], which)));
        }
        if (kind == 8) {
            attempt(address(auction), 1_000 ether, abi.encodeCall(auction.buy, (amount % 3, 1_000 * ETHER)));
        }
        if (kind == 9) attempt(address(frozen), 0, refund());
        if (what > 200) attempt(address(withdrawals), 0, withdrawal());
    }

    /// forge-config: default.invariant.runs = 16
    /// forge-config: default.invariant.depth = 48
    function invariant_what_is_paid_is_there() public view {
        for (uint32 asset = 0; asset < 2; ++asset) {
            FrozenMath.Pot memory pot = frozen.pots(asset);
            atMost(pot.paid, uint256(pot.assets) + pot.recovered, "claims paid, of pot and recoveries");
        }
    }

    /// forge-config: default.invariant.runs = 16
    /// forge-config: default.invariant.depth = 48
    function invariant_vault_keeps_what_is_not_of_the_pot() public view {
        FrozenMath.Pot memory pot = frozen.pots(0);
        uint256 fromPot = pot.paid < pot.assets ? pot.paid : pot.assets;
        uint256 others = frozen.isRefunded(lateDeposit) ? 0 : LATE_DEPOSIT;
        if (!withdrawals.isPaid(outstanding[payout].number)) others += PAYOUT;
        uint256 left = vault.received(0) - vault.paid(0);
        same(left, pot.assets - fromPot + others, "payouts and later deposits are not touched");
    }

    /// forge-config: default.invariant.runs = 16
    /// forge-config: default.invariant.depth = 48
    function invariant_repaid_money_is_here() public view {
        for (uint32 asset = 0; asset < 2; ++asset) {
            FrozenMath.Pot memory pot = frozen.pots(asset);
            uint256 own = pot.paid > pot.assets ? pot.paid - pot.assets : 0;
            uint256 owed = pot.recovered - own + frozen.credits(address(this), asset);
            for (uint64 i = 0; i < leaves.length; ++i) {
                if (asset == 0) owed += frozen.accounts(i).surplus;
                owed += frozen.credits(leaves[i].owner, asset);
            }
            uint256 has = asset == 0 ? address(frozen).balance / GWEI : usdc.balanceOf(address(frozen));
            atMost(owed, has, "recoveries, surpluses and credits");
        }
    }

    /// forge-config: default.invariant.runs = 16
    /// forge-config: default.invariant.depth = 48
    function invariant_no_token_leaves_to_a_debtor() public view {
        for (uint64 i = 0; i < leaves.length; ++i) {
            FrozenExit.Account memory account = frozen.accounts(i);
            bool owes = account.registeredAt == 0 || account.owes[0] > 0 || account.owes[1] > 0;
            for (uint256 j = 0; j < tokens[i].length; ++j) {
                address holder = punks.ownerOf(tokens[i][j].token);
                holds(!owes || holder != leaves[i].owner, "a debtor has a token");
                holds(
                    holder == address(vault) || frozen.hasLeft(PUNKS, tokens[i][j].token),
                    "a token went unseen"
                );
            }
        }
    }

    // ---- parts ---------------------------------------------------------------------------------

    function registration(uint64 number) private view returns (bytes memory) {
        return abi.encodeCall(frozen.register, (leaves[number], accountProof(number), positions[number]));
    }

    function repaySome(uint64 number, uint32 asset, uint128 amount) private {
        if (asset == 1) {
            usdc.mint(address(this), amount < usdc.MINT_MAX() ? amount : usdc.MINT_MAX());
            usdc.approve(address(frozen), type(uint256).max);
        }
        uint256 value = asset == 0 ? amount * GWEI : 0;
        attempt(address(frozen), value, abi.encodeCall(frozen.repay, (number, asset, amount)));
    }

    function refund() private view returns (bytes memory) {
        return abi.encodeCall(frozen.refundDeposit, (lateDeposit, depositor, 0, 0, LATE_DEPOSIT));
    }

    function withdrawal() private view returns (bytes memory) {
        Payouts.Payout memory one = outstanding[payout];
        return abi.encodeCall(withdrawals.claim, (last, one, payout, payoutProof(payout)));
    }

    function attempt(address target, uint256 value, bytes memory call_) private {
        vm.deal(address(this), address(this).balance + value);
        (bool done,) = target.call{value: value}(call_);
        done; // refused steps are steps as well
    }
}
