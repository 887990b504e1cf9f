// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Settlement} from "../../src/Settlement.sol";
import {Vault} from "../../src/Vault.sol";
import {Withdrawals} from "../../src/Withdrawals.sol";
import {Batches} from "../../src/libraries/Batches.sol";
import {Payouts} from "../../src/libraries/Payouts.sol";
import {TestPunks} from "../../src/test-tokens/TestPunks.sol";
import {TestUsdc} from "../../src/test-tokens/TestUsdc.sol";
import {Checks} from "./Checks.sol";

/// @title An exchange on chain: two of three operators sign, the test is admin, `warden` the guardian
abstract contract Custody is Checks {
    uint256 internal constant START = 1_700_000_000; // [s]
    uint256 internal constant WINDOW = 1 hours;
    uint256 internal constant DELAY = 2 days;
    uint64 internal constant ETH_ATOMS = 1e9; // [atoms/ETH]
    uint64 internal constant USDC_ATOMS = 1e6; // [atoms/USDC]
    uint32 internal constant PUNKS = 3; // the exchange's number of the collection

    address internal constant warden = address(0x3A4D);
    address internal constant forcedExit = address(0xF0);
    address internal constant frozenExit = address(0xF1);
    address internal constant holder = address(0xCAFE);
    address internal constant stranger = address(0xBEEF);

    Vault internal vault;
    Settlement internal settlement;
    Withdrawals internal withdrawals;
    TestUsdc internal usdc;
    TestPunks internal punks;

    uint256[] internal operatorKeys; // by ascending address
    Payouts.Payout[] internal outstanding;
    Batches.Batch internal last;

    function setUpCustody() internal {
        vm.warp(START);
        usdc = new TestUsdc();
        punks = new TestPunks();
        address payer = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 2);
        vault = new Vault(address(this), address(this), DELAY, usdc, payer, frozenExit);
        settlement = new Settlement(address(this), address(this), DELAY, vault, WINDOW, operators(10, 3), 2);
        withdrawals = new Withdrawals(address(this), address(this), DELAY, vault, settlement, usualTerms());
        same(payer, address(withdrawals), "who may pay");
        vault.listCollection(PUNKS, address(punks));
        vault.wire(address(settlement));
        settlement.wire(forcedExit);
        setGuardian();
    }

    /// @dev each contract has its own admin and guardian; no delay is waited for here because time is ours
    function setGuardian() private {
        bytes32 key = vault.GUARDIAN();
        vault.propose(key, uint160(warden));
        settlement.propose(key, uint160(warden));
        withdrawals.propose(key, uint160(warden));
        vm.warp(START + DELAY);
        vault.execute(key);
        settlement.execute(key);
        withdrawals.execute(key);
    }

    /// @dev 50 ETH at once and 200 an hour; 100,000 USDC and 400,000; 5 tokens and 20
    function usualTerms() internal pure returns (Withdrawals.Terms[3] memory terms) {
        terms[0] = Withdrawals.Terms(200 * ETH_ATOMS, 50 * ETH_ATOMS, 2 hours);
        terms[1] = Withdrawals.Terms(400_000 * USDC_ATOMS, 100_000 * USDC_ATOMS, 2 hours);
        terms[2] = Withdrawals.Terms(20, 5, 2 hours);
    }

    /// @dev `count` operators with the keys from `first` on, ascending by address; operatorKeys follow them
    function operators(uint256 first, uint256 count) internal returns (address[] memory who) {
        who = new address[](count);
        operatorKeys = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            uint256 key = first + i;
            uint256 place = i;
            while (place > 0 && who[place - 1] > vm.addr(key)) {
                (who[place], operatorKeys[place]) = (who[place - 1], operatorKeys[place - 1]);
                --place;
            }
            (who[place], operatorKeys[place]) = (vm.addr(key), key);
        }
    }

    /// @dev the call reverts for that reason; a prank before it holds
    function refuses(address to, bytes memory data, bytes4 reason) internal {
        (bool done, bytes memory why) = to.call(data);
        holds(!done, "it is refused");
        same(bytes32(bytes4(why)), bytes32(reason), "the reason");
    }

    // ---- deposits

    function depositEther(address owner, uint128 atoms) internal returns (uint64) {
        uint256 amount = atoms * vault.ETHER_UNIT();
        vm.deal(address(this), address(this).balance + amount);
        return vault.depositEther{value: amount}(owner);
    }

    function depositUsdc(address owner, uint128 atoms) internal returns (uint64) {
        usdc.mint(address(this), atoms);
        usdc.approve(address(vault), atoms);
        return vault.depositMoney(1, atoms, owner);
    }

    function depositPunk(address owner, uint256 id) internal returns (uint64) {
        punks.mint(address(this), id);
        punks.approve(address(vault), id);
        return vault.depositToken(PUNKS, id, owner);
    }

    // ---- batches

    /// @dev a batch that follows the last: every deposit credited, everything not withdrawn owed to somebody
    function nextBatch() internal view returns (Batches.Batch memory b) {
        b = last;
        b.number = settlement.latest() + 1;
        b.journalSeq += 7;
        b.time = uint64(block.timestamp);
        b.journalHead = keccak256(abi.encode("journal", b.journalSeq));
        b.accounts = 9;
        b.accountsRoot = keccak256(abi.encode("accounts", b.journalSeq));
        b.depositSequence = vault.lastSequence();
        for (uint32 asset = 0; asset < 2; ++asset) {
            b.sums[2 * asset] = vault.received(asset) - b.withdrawn[asset];
        }
        b.payouts = uint64(outstanding.length);
        b.payoutsRoot = root(outstanding);
    }

    /// @dev what the engine does on a withdrawal: it debits, and gives the payout the next number
    function debit(address owner, uint8 kind, uint32 id, uint128 value) internal returns (uint256 index) {
        last.payoutNumber += 1;
        if (kind == Payouts.MONEY) last.withdrawn[id] += value;
        outstanding.push(Payouts.Payout(last.payoutNumber, owner, kind, id, value));
        return outstanding.length - 1;
    }

    function sign(Batches.Batch memory b) internal view returns (bytes[] memory) {
        return sign(b, 2);
    }

    /// @dev the first `count` operators sign
    function sign(Batches.Batch memory b, uint256 count) internal view returns (bytes[] memory signatures) {
        bytes32 digest = settlement.digest(b);
        signatures = new bytes[](count);
        for (uint256 i = 0; i < count; ++i) {
            signatures[i] = signature(operatorKeys[i], digest);
        }
    }

    function signature(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function post() internal returns (Batches.Batch memory b) {
        b = nextBatch();
        settlement.post(b, sign(b));
        last = b;
        vm.warp(block.timestamp + WINDOW / 128 + 1);
    }

    function postFinal() internal returns (Batches.Batch memory b) {
        b = post();
        vm.warp(block.timestamp + WINDOW);
    }

    function claim(Batches.Batch memory b, uint256 index) internal {
        withdrawals.claim(b, outstanding[index], index, siblings(outstanding, index));
    }

    // ---- the tree of payouts, from below; the second implementation to Payouts.isIn

    function root(Payouts.Payout[] memory payouts) internal pure returns (bytes32) {
        if (payouts.length == 0) return 0;
        bytes32[] memory level = leaves(payouts);
        while (level.length > 1) level = above(level);
        return level[0];
    }

    function siblings(Payouts.Payout[] memory payouts, uint256 index)
        internal
        pure
        returns (bytes32[] memory path)
    {
        bytes32[] memory level = leaves(payouts);
        path = new bytes32[](depth(payouts.length));
        for (uint256 i = 0; i < path.length; ++i) {
            path[i] = level[index ^ 1];
            level = above(level);
            index /= 2;
        }
    }

    function leaves(Payouts.Payout[] memory payouts) private pure returns (bytes32[] memory level) {
        level = new bytes32[](2 ** depth(payouts.length));
        for (uint256 i = 0; i < payouts.length; ++i) {
            Payouts.Payout memory p = payouts[i];
            level[i] = keccak256(abi.encodePacked(uint8(2), p.number, p.owner, p.kind, p.id, p.value));
        }
    }

    function above(bytes32[] memory level) private pure returns (bytes32[] memory half) {
        half = new bytes32[](level.length / 2);
        for (uint256 i = 0; i < half.length; ++i) {
            half[i] = keccak256(abi.encodePacked(uint8(3), level[2 * i], level[2 * i + 1]));
        }
    }

    function depth(uint256 count) private pure returns (uint256 d) {
        while (2 ** d < count) ++d;
    }
}
