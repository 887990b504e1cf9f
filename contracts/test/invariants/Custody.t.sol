// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Batches} from "../../src/libraries/Batches.sol";
import {Payouts} from "../../src/libraries/Payouts.sol";
import {Custody} from "../support/Custody.sol";
import {Bomb, Refuser} from "../support/Receivers.sol";

/// @title Somebody who does everything that can be done to the custody, in any order
contract Actor is Custody {
    Batches.Batch[] private posted;
    address private immutable refuser = address(new Refuser());

    /// @notice how often each payout was paid, and all that was forced in [wei]
    mapping(uint64 number => uint256) public timesPaid;
    uint256 public forced;
    uint256[2] public claimed;
    uint64 public payouts;
    uint256 private nextPunk;
    uint64[] private punksHeld;

    constructor() {
        setUpCustody();
    }

    function deposit(uint8 kind, uint64 value) external {
        if (settlement.frozenAt() != 0) return;
        if (kind % 3 == 0) depositEther(holder, uint128(within(value, 1, 90 * ETH_ATOMS)));
        else if (kind % 3 == 1) depositUsdc(holder, uint128(within(value, 1, 300_000 * USDC_ATOMS)));
        else depositPunk(holder, keepPunk());
    }

    function withdraw(uint8 kind, uint64 value, bool toRefuser) external {
        address owner = toRefuser ? refuser : holder;
        if (kind % 3 == 2 && punksHeld.length > 0) {
            debit(owner, Payouts.TOKEN, PUNKS, punksHeld[punksHeld.length - 1]);
            punksHeld.pop();
        } else if (kind % 3 != 2) {
            uint32 asset = kind % 3;
            uint128 free = vault.received(asset) - last.withdrawn[asset];
            if (free == 0) return;
            debit(owner, Payouts.MONEY, asset, uint128(within(value, 1, free)));
        }
        payouts = last.payoutNumber;
    }

    function postBatch(bool veto) external {
        if (settlement.frozenAt() != 0) return;
        Batches.Batch memory b = nextBatch();
        settlement.post(b, sign(b));
        last = b;
        posted.push(b);
        if (veto) {
            vm.prank(warden);
            settlement.veto(b.number);
        }
        vm.warp(block.timestamp + WINDOW / 128 + 1);
    }

    /// @dev any payout against any batch, proven against that batch's own list
    function claimAny(uint8 which, uint8 batch) external {
        if (posted.length == 0) return;
        Batches.Batch memory b = posted[batch % posted.length];
        if (b.payouts == 0) return;
        Payouts.Payout[] memory listed = new Payouts.Payout[](b.payouts);
        for (uint256 i = 0; i < listed.length; ++i) {
            listed[i] = outstanding[i];
        }
        uint256 index = which % b.payouts;
        Payouts.Payout memory p = listed[index];
        bool before = withdrawals.isPaid(p.number);
        try withdrawals.claim(b, p, index, siblings(listed, index)) {
            if (!withdrawals.isPaid(p.number)) return; // it waits
            holds(!before, "a paid payout is refused");
            timesPaid[p.number] += 1;
            if (p.kind == Payouts.MONEY) claimed[p.id] += p.value;
        } catch {}
    }

    function fetchCredit(uint8 asset) external {
        bytes memory data = abi.encodeCall(vault.withdrawCredit, (asset % 2, stranger));
        try Refuser(payable(refuser)).call(address(vault), data) {} catch {}
    }

    function forceIn(uint64 amount) external {
        vm.deal(address(this), amount);
        new Bomb{value: amount}(payable(address(vault)));
        forced += amount;
    }

    function passTime(uint16 minutes_) external {
        vm.warp(block.timestamp + uint256(minutes_ % 300) * 1 minutes);
    }

    function freeze(uint8 chance) external {
        if (chance > 4 || settlement.frozenAt() != 0) return;
        uint64 newest = settlement.newestFinal();
        vm.prank(forcedExit);
        settlement.freeze(newest);
    }

    // ---- what the invariants ask

    function creditsOf(uint32 asset) external view returns (uint256) {
        return vault.credits(refuser, asset);
    }

    function owed(uint32 asset) external view returns (uint256) {
        return last.withdrawn[asset];
    }

    function contracts() external view returns (address, address, address, address) {
        return (address(vault), address(settlement), address(withdrawals), address(usdc));
    }

    function finalAfterFreeze() external view returns (bool) {
        for (uint256 i = 0; i < posted.length; ++i) {
            if (posted[i].number > settlement.frozenBatch() && settlement.isFinal(posted[i])) return true;
        }
        return false;
    }

    function counted() external view returns (uint256 sequence, uint256 records) {
        sequence = vault.lastSequence();
        while (vault.deposits(uint64(records + 1)) != 0) ++records;
    }

    function heldByVault(uint32 asset) external view returns (uint256) {
        return asset == 0 ? (address(vault).balance - forced) / 1 gwei : usdc.balanceOf(address(vault));
    }

    function sumsOf(uint32 asset) external view returns (uint256 received, uint256 paid) {
        return (vault.received(asset), vault.paid(asset));
    }

    function frozenAt() external view returns (uint256) {
        return settlement.frozenAt();
    }

    function finalIsRemembered() external view returns (bool) {
        uint64 newest = settlement.newestFinal();
        return newest == 0 || newest + settlement.RING() > settlement.latest();
    }

    function keepPunk() private returns (uint256 id) {
        id = nextPunk++;
        punksHeld.push(uint64(id));
    }
}

/// @title What holds of the custody whatever is done to it
contract CustodyInvariants is Custody {
    Actor private actor;

    function setUp() public {
        actor = new Actor();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(actor);
    }

    /// forge-config: default.invariant.runs = 24
    /// forge-config: default.invariant.depth = 48
    function invariant_custody_is_exact() public view {
        for (uint32 asset = 0; asset < 2; ++asset) {
            (uint256 received, uint256 paid) = actor.sumsOf(asset);
            uint256 credits = actor.creditsOf(asset);
            same(
                actor.heldByVault(asset),
                received - paid + credits,
                "INV-C1: received - paid + credits == held"
            );
            same(actor.claimed(asset), paid, "INV-C2: all that was paid was claimed with a proof");
            atMost(paid, actor.owed(asset), "INV-C3: no more is paid than was debited");
        }
        for (uint64 number = 1; number <= actor.payouts(); ++number) {
            atMost(actor.timesPaid(number), 1, "INV-C4: no payout is paid twice");
        }
        (uint256 sequence, uint256 records) = actor.counted();
        same(sequence, records, "INV-C5: deposits are numbered without a gap");
        holds(actor.finalIsRemembered(), "INV-C6: the newest final batch is in the ring");
        if (actor.frozenAt() != 0) {
            holds(!actor.finalAfterFreeze(), "INV-C7: nothing is final behind the frozen batch");
        }
    }
}
