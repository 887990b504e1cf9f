// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Batches} from "../../src/libraries/Batches.sol";
import {Payouts} from "../../src/libraries/Payouts.sol";
import {Custody} from "../support/Custody.sol";
import {PlainVault} from "./PlainVault.sol";

interface Meter {
    /// @param gasTotalUsed of the whole transaction, before the refund
    struct Gas {
        uint64 gasLimit;
        uint64 gasTotalUsed;
        uint64 gasMemoryUsed;
        int64 gasRefunded;
        uint64 gasRemaining;
    }

    function lastCallGas() external view returns (Gas memory);
    function envOr(string calldata name, string calldata otherwise) external view returns (string memory);
    function writeFile(string calldata path, string calldata text) external;
}

/// @title What a call costs as a transaction of its own, beside a plain vault: contracts/gas.md
/// @notice Each call is measured twice: when it is the first that touches its storage, and after that.
/// forge-config: default.isolate = true
contract GasTest is Custody {
    struct Cost {
        uint256 first;
        uint256 later;
    }

    Meter private constant meter = Meter(address(vm));
    string private constant FILE = "gas.md";
    string private constant FRESH = "cache/gas.md";
    uint256 private constant TREE = 1_024; // outstanding payouts: a proof of ten hashes

    PlainVault private plain;
    string private table;

    function setUp() public {
        setUpCustody();
        plain = new PlainVault();
        usdc.mint(address(this), 1_000_000 * USDC_ATOMS);
        usdc.approve(address(vault), type(uint256).max);
        usdc.approve(address(plain), type(uint256).max);
        for (uint256 id = 0; id < 8; ++id) {
            punks.mint(address(this), id);
        }
        punks.setApprovalForAll(address(vault), true);
        punks.setApprovalForAll(address(plain), true);
        vm.deal(address(this), 1_000 ether);
        // Nobody is paid for the first time in his life, or has spent his last.
        vm.deal(holder, 1 ether);
        usdc.mint(holder, 1);
        usdc.mint(address(vault), 1);
        usdc.mint(address(plain), 1);
        punks.mint(holder, 99);
        punks.mint(address(vault), 100);
        punks.mint(address(plain), 101);
    }

    function test_gas_is_that_of_the_table() public {
        row("deposit of ether", depositsOfEther(), plainDepositsOfEther());
        row("deposit of USDC", depositsOfUsdc(), plainDepositsOfUsdc());
        row("deposit of a token", depositsOfTokens(), plainDepositsOfTokens());
        prepareBatches();
        row("batch, two signatures", posts(), plainPosts());
        (Cost[3] memory ours, Cost[3] memory theirs) = (claims(), plainClaims());
        row("withdrawal of ether", ours[0], theirs[0]);
        row("withdrawal of USDC", ours[1], theirs[1]);
        row("withdrawal of a token", ours[2], theirs[2]);
        compare();
    }

    // ---- deposits

    function depositsOfEther() private returns (Cost memory cost) {
        vault.depositEther{value: 1 ether}(holder);
        cost.first = used();
        vault.depositEther{value: 1 ether}(holder);
        cost.later = used();
    }

    function plainDepositsOfEther() private returns (Cost memory cost) {
        plain.depositEther{value: 1 ether}();
        cost.first = used();
        plain.depositEther{value: 1 ether}();
        cost.later = used();
    }

    function depositsOfUsdc() private returns (Cost memory cost) {
        vault.depositMoney(1, 5_000 * USDC_ATOMS, holder);
        cost.first = used();
        vault.depositMoney(1, 5_000 * USDC_ATOMS, holder);
        cost.later = used();
    }

    function plainDepositsOfUsdc() private returns (Cost memory cost) {
        plain.depositMoney(usdc, 5_000 * USDC_ATOMS);
        cost.first = used();
        plain.depositMoney(usdc, 5_000 * USDC_ATOMS);
        cost.later = used();
    }

    function depositsOfTokens() private returns (Cost memory cost) {
        vault.depositToken(PUNKS, 0, holder);
        cost.first = used();
        vault.depositToken(PUNKS, 1, holder);
        cost.later = used();
    }

    function plainDepositsOfTokens() private returns (Cost memory cost) {
        plain.depositToken(punks, 2);
        cost.first = used();
        plain.depositToken(punks, 3);
        cost.later = used();
    }

    // ---- batches

    /// @dev two payouts of each kind stand first, the others fill the tree
    function prepareBatches() private {
        for (uint256 i = 0; i < 2; ++i) {
            debit(holder, Payouts.MONEY, 0, ETH_ATOMS / 10);
            debit(holder, Payouts.MONEY, 1, 100 * USDC_ATOMS);
            debit(holder, Payouts.TOKEN, PUNKS, uint128(i));
        }
        for (uint256 i = 6; i < TREE; ++i) {
            debit(holder, Payouts.MONEY, 0, 1);
        }
    }

    /// @dev first: into an empty place of the ring; later: when the ring has come round
    function posts() private returns (Cost memory cost) {
        post();
        post();
        cost.first = used();
        Batches.Batch memory b = last;
        for (uint256 i = 0; i < settlement.RING(); ++i) {
            b = follower(b);
            settlement.post(b, sign(b));
            cost.later = used();
        }
        last = b;
        vm.warp(block.timestamp + WINDOW);
    }

    function follower(Batches.Batch memory b) private returns (Batches.Batch memory) {
        vm.warp(block.timestamp + WINDOW / 128 + 1);
        b.number += 1;
        b.journalSeq += 1_000;
        b.time = uint64(block.timestamp);
        b.journalHead = keccak256(abi.encode(b.journalHead));
        b.accountsRoot = keccak256(abi.encode(b.accountsRoot));
        return b;
    }

    function plainPosts() private returns (Cost memory cost) {
        plain.post(last.payoutsRoot);
        plain.post(last.payoutsRoot);
        cost.first = used();
        plain.post(plainRoot());
        cost.later = used();
    }

    // ---- withdrawals

    function claims() private returns (Cost[3] memory cost) {
        for (uint256 i = 0; i < 6; ++i) {
            Payouts.Payout memory p = outstanding[i];
            bytes32[] memory path = siblings(outstanding, i);
            withdrawals.claim(last, p, i, path);
            keep(cost[i % 3], i);
        }
    }

    function plainClaims() private returns (Cost[3] memory cost) {
        bytes32[] memory path = new bytes32[](10);
        for (uint256 i = 0; i < 10; ++i) {
            path[i] = keccak256(abi.encode(i));
        }
        for (uint256 i = 0; i < 6; ++i) {
            Payouts.Payout memory p = plainPayout(i);
            plain.post(plainRootOf(p, i, path));
            plain.withdraw(plain.last(), i, p.owner, contractOf(p), p.value, p.kind == Payouts.TOKEN, path);
            keep(cost[i % 3], i);
        }
    }

    function plainPayout(uint256 i) private view returns (Payouts.Payout memory p) {
        p = outstanding[i];
        if (p.kind == Payouts.TOKEN) p.value += 2; // what the plain vault holds
    }

    function contractOf(Payouts.Payout memory p) private view returns (address) {
        if (p.kind == Payouts.TOKEN) return address(punks);
        return p.id == 0 ? address(0) : address(usdc);
    }

    function plainRoot() private view returns (bytes32) {
        return keccak256(abi.encode(block.timestamp));
    }

    function plainRootOf(Payouts.Payout memory p, uint256 index, bytes32[] memory path)
        private
        view
        returns (bytes32 hash)
    {
        hash = keccak256(abi.encode(index, p.owner, contractOf(p), p.value, p.kind == Payouts.TOKEN));
        for (uint256 i = 0; i < path.length; ++i) {
            hash = (index >> i) & 1 == 0
                ? keccak256(abi.encode(hash, path[i]))
                : keccak256(abi.encode(path[i], hash));
        }
    }

    // ---- the table

    function used() private view returns (uint256) {
        return meter.lastCallGas().gasTotalUsed;
    }

    function keep(Cost memory cost, uint256 i) private view {
        if (i < 3) cost.first = used();
        else cost.later = used();
    }

    function row(string memory name, Cost memory ours, Cost memory theirs) private {
        uint256 ratio = ours.first * 100 / theirs.first;
        table = string.concat(
            table,
            string.concat("| ", name, " | ", vm.toString(ours.first), " | ", vm.toString(ours.later)),
            string.concat(" | ", vm.toString(theirs.first), " | ", vm.toString(theirs.later)),
            string.concat(" | ", ratioText(ratio), " | ", ratioText(ours.later * 100 / theirs.later), " |\n")
        );
    }

    /// @dev 140 as 1.40
    function ratioText(uint256 percent) private pure returns (string memory) {
        string memory zero = percent % 100 < 10 ? "0" : "";
        return string.concat(vm.toString(percent / 100), ".", zero, vm.toString(percent % 100));
    }

    function compare() private {
        string memory text = string.concat(
            "# Gas\n\n",
            "What a call costs as a transaction of its own, before refunds, and what a plain vault asks\n",
            "(test/gas/PlainVault.sol): when it is the first to touch its storage, and after that. ",
            "A batch has two\nsignatures; a withdrawal proves a payout among 1,024. ",
            "Written by `make gas`, compared by the tests.\n\n",
            "| call | first | later | plain, first | plain, later | ratio, first | ratio, later |\n",
            "|---|---|---|---|---|---|---|\n",
            table
        );
        meter.writeFile(FRESH, text);
        if (keccak256(bytes(meter.envOr("GAS_TABLE", "compare"))) == keccak256("write")) return;
        bytes32 written = keccak256(bytes(vm.readFile(FILE)));
        holds(written == keccak256(bytes(text)), "other than the table: make gas");
    }
}
