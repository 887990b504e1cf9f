// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {Accounts} from "../src/libraries/Accounts.sol";
import {Batches} from "../src/libraries/Batches.sol";
import {Deposits} from "../src/libraries/Deposits.sol";
import {MerkleSum} from "../src/libraries/MerkleSum.sol";
import {Payouts} from "../src/libraries/Payouts.sol";
import {Checks} from "./support/Checks.sol";

/// @title Leaves, trees, batches and deposits are the second implementation's, to the bit
contract HashesTest is Checks {
    // ---- accounts

    function test_leaves_are_the_vectors() public view {
        string memory cases = vm.readFile("test/vectors/merkle_sum.json");
        uint256 count = vm.parseJsonUint(cases, ".leafCount");
        for (uint256 i = 0; i < count; ++i) {
            string memory at = string.concat(".leaves[", vm.toString(i), "]");
            Accounts.Leaf memory leaf = leafOf(cases, at);
            same(
                leaf.positionsHash,
                vm.parseJsonBytes32(cases, string.concat(at, ".positionsHash")),
                "positions"
            );
            same(leaf.tokensHash, vm.parseJsonBytes32(cases, string.concat(at, ".tokensHash")), "tokens");
            same(Accounts.leafHash(leaf), vm.parseJsonBytes32(cases, string.concat(at, ".hash")), "leaf");
            bytes memory record = vm.parseJsonBytes(cases, string.concat(at, ".record"));
            MerkleSum.Record memory found =
                MerkleSum.Record(Accounts.leafHash(leaf), Accounts.packed(leaf.lanes));
            same(keccak256(abi.encode(found)), keccak256(record), "record");
        }
        holds(count > 10, "there are cases");
    }

    function test_trees_are_the_vectors() public view {
        string memory cases = vm.readFile("test/vectors/merkle_sum.json");
        uint256 trees = vm.parseJsonUint(cases, ".treeCount");
        for (uint256 i = 0; i < trees; ++i) {
            string memory at = string.concat(".trees[", vm.toString(i), "]");
            uint64 count = uint64(vm.parseJsonUint(cases, string.concat(at, ".count")));
            same(MerkleSum.depth(count), vm.parseJsonUint(cases, string.concat(at, ".depth")), "depth");
            for (uint256 index = 0; index < count; ++index) {
                MerkleSum.Record memory top = this.climb(
                    recordOf(cases, string.concat(at, ".records", place(index))),
                    index,
                    pathOf(cases, string.concat(at, ".proofs", place(index)), MerkleSum.depth(count))
                );
                same(top.hash, vm.parseJsonBytes32(cases, string.concat(at, ".root")), "root");
                same(keccak256(abi.encode(top.lanes)), keccak256(abi.encode(sumsOf(cases, at))), "sums");
            }
        }
        holds(trees > 5, "there are cases");
    }

    function test_lane_overflow_is_refused() public {
        string memory cases = vm.readFile("test/vectors/merkle_sum.json");
        MerkleSum.Record[] memory path = new MerkleSum.Record[](1);
        path[0] = recordOf(cases, ".overflow.records[1]");
        MerkleSum.Record memory first = recordOf(cases, ".overflow.records[0]");
        vm.expectRevert(MerkleSum.LaneOverflow.selector);
        this.climb(first, 0, path);
    }

    /// forge-config: default.fuzz.runs = 256
    function testFuzz_a_sum_is_exact_or_refused(uint128[6] memory left, uint128[6] memory right) public {
        MerkleSum.Record memory a = MerkleSum.Record(0, Accounts.packed(left));
        MerkleSum.Record[] memory path = new MerkleSum.Record[](1);
        path[0] = MerkleSum.Record(0, Accounts.packed(right));
        uint128[6] memory sums;
        bool overflows = false;
        for (uint256 i = 0; i < 6; ++i) {
            overflows = overflows || uint256(left[i]) + right[i] > type(uint128).max;
            unchecked {
                sums[i] = left[i] + right[i];
            }
        }
        if (overflows) vm.expectRevert(MerkleSum.LaneOverflow.selector);
        MerkleSum.Record memory top = this.climb(a, 0, path);
        if (!overflows) {
            same(keccak256(abi.encode(top.lanes)), keccak256(abi.encode(Accounts.packed(sums))), "sums");
        }
    }

    function test_an_account_is_only_where_its_number_says() public view {
        Accounts.Leaf memory leaf = someLeaf(1);
        MerkleSum.Record memory left =
            MerkleSum.Record(Accounts.leafHash(someLeaf(0)), Accounts.packed(leaf.lanes));
        MerkleSum.Record[] memory path = new MerkleSum.Record[](1);
        path[0] = left;
        uint128[6] memory sums;
        for (uint256 i = 0; i < 6; ++i) {
            sums[i] = 2 * leaf.lanes[i];
        }
        MerkleSum.Record memory own = MerkleSum.Record(Accounts.leafHash(leaf), Accounts.packed(leaf.lanes));
        bytes32 root = MerkleSum.join(left, own).hash;
        holds(this.isIn(root, sums, 2, leaf, path), "it is there");
        holds(!this.isIn(root, sums, 1, leaf, path), "not in a tree that ends before it");
        holds(!this.isIn(root, sums, 3, leaf, path), "not with a path that is too short");
        sums[5] += 1;
        holds(!this.isIn(root, sums, 2, leaf, path), "not with other sums");
        sums[5] -= 1;
        leaf.number = 0;
        holds(!this.isIn(root, sums, 2, leaf, path), "not at another place");
    }

    // ---- marks, payouts, deposits, batches

    function test_marks_are_the_vectors() public view {
        string memory cases = vm.readFile("test/vectors/merkle_sum.json");
        uint256 count = vm.parseJsonUint(cases, ".marks.markCount");
        Batches.Mark[] memory marks = new Batches.Mark[](count);
        for (uint256 i = 0; i < count; ++i) {
            string memory at = string.concat(".marks.marks", place(i));
            marks[i] = Batches.Mark({
                market: uint32(number(cases, at, ".market")),
                asset: uint8(number(cases, at, ".asset")),
                mark: uint64(number(cases, at, ".mark")),
                unit: uint64(number(cases, at, ".unit"))
            });
        }
        same(Batches.marksHash(marks), vm.parseJsonBytes32(cases, ".marks.hash"), "marks");
    }

    function test_payouts_are_the_vectors() public view {
        string memory cases = vm.readFile("test/vectors/payouts.json");
        uint256 trees = vm.parseJsonUint(cases, ".treeCount");
        for (uint256 i = 0; i < trees; ++i) {
            string memory at = string.concat(".trees", place(i));
            uint64 count = uint64(number(cases, at, ".count"));
            bytes32 root = vm.parseJsonBytes32(cases, string.concat(at, ".root"));
            for (uint256 index = 0; index < count; ++index) {
                Payouts.Payout memory p = payoutOf(cases, string.concat(at, ".payouts", place(index)));
                bytes32 leaf = Payouts.leafHash(p);
                string memory file = string.concat(at, ".payouts", place(index), ".leaf");
                same(leaf, vm.parseJsonBytes32(cases, file), "leaf");
                bytes32[] memory path = new bytes32[](MerkleSum.depth(count));
                for (uint256 j = 0; j < path.length; ++j) {
                    string memory key = string.concat(at, ".proofs", place(index), place(j));
                    path[j] = vm.parseJsonBytes32(cases, key);
                }
                holds(this.isPayoutIn(root, count, index, leaf, path), "it is there");
                bool isBeside = this.isPayoutIn(root, count, index ^ 1, leaf, path);
                holds(!isBeside || count == 1, "only at its place");
                holds(!this.isPayoutIn(root, count * 2, index, leaf, path), "only in a tree of that depth");
            }
        }
        holds(trees > 5, "there are cases");
    }

    function test_nothing_is_in_an_empty_tree() public view {
        holds(!this.isPayoutIn(0, 0, 0, 0, new bytes32[](0)), "no leaf");
    }

    function test_deposits_are_the_vectors() public view {
        string memory cases = vm.readFile("test/vectors/deposit_record.json");
        uint256 count = vm.parseJsonUint(cases, ".depositCount");
        for (uint256 i = 0; i < count; ++i) {
            string memory at = string.concat(".deposits", place(i));
            bytes32 found = Deposits.recordHash(
                uint64(number(cases, at, ".sequence")),
                vm.parseJsonAddress(cases, string.concat(at, ".owner")),
                uint8(number(cases, at, ".kind")),
                uint32(number(cases, at, ".id")),
                uint128(number(cases, at, ".value"))
            );
            same(found, vm.parseJsonBytes32(cases, string.concat(at, ".record")), "record");
        }
    }

    function test_batches_are_the_vectors() public view {
        string memory cases = vm.readFile("test/vectors/batch.json");
        same(Batches.TYPE_HASH, vm.parseJsonBytes32(cases, ".typeHash"), "type");
        uint256 count = vm.parseJsonUint(cases, ".batchCount");
        for (uint256 i = 0; i < count; ++i) {
            string memory at = string.concat(".batches", place(i));
            bytes32 hash = this.hashBatch(batchOf(cases, string.concat(at, ".batch")));
            same(hash, vm.parseJsonBytes32(cases, string.concat(at, ".structHash")), "struct");
            bytes32 separator = vm.parseJsonBytes32(cases, ".separator");
            bytes32 digest = keccak256(abi.encodePacked(hex"1901", separator, hash));
            same(digest, vm.parseJsonBytes32(cases, string.concat(at, ".digest")), "digest");
            for (uint256 j = 0; j < 3; ++j) {
                bytes memory signature = vm.parseJsonBytes(cases, string.concat(at, ".signatures", place(j)));
                address signer = vm.parseJsonAddress(cases, string.concat(at, ".signers", place(j)));
                same(ECDSA.recover(digest, signature), signer, "signer");
            }
        }
    }

    // ---- what takes calldata

    function climb(MerkleSum.Record memory record, uint256 index, MerkleSum.Record[] calldata path)
        external
        pure
        returns (MerkleSum.Record memory)
    {
        return MerkleSum.climb(record, index, path);
    }

    function isIn(
        bytes32 root,
        uint128[6] memory sums,
        uint64 accounts,
        Accounts.Leaf memory leaf,
        MerkleSum.Record[] calldata path
    ) external pure returns (bool) {
        return MerkleSum.isIn(root, sums, accounts, leaf, path);
    }

    function isPayoutIn(bytes32 root, uint64 count, uint256 index, bytes32 leaf, bytes32[] calldata path)
        external
        pure
        returns (bool)
    {
        return Payouts.isIn(root, count, index, leaf, path);
    }

    function hashBatch(Batches.Batch calldata b) external pure returns (bytes32) {
        return Batches.hash(b);
    }

    // ---- reading the vectors

    function place(uint256 i) private pure returns (string memory) {
        return string.concat("[", vm.toString(i), "]");
    }

    function number(string memory cases, string memory at, string memory field)
        private
        pure
        returns (uint256)
    {
        return vm.parseJsonUint(cases, string.concat(at, field));
    }

    function someLeaf(uint64 account) private pure returns (Accounts.Leaf memory) {
        return Accounts.Leaf(account, address(0xA), 0, [uint128(5), 0, 7, 0, 1, 0], [uint128(2), 0], 0, 0);
    }

    function leafOf(string memory cases, string memory at) private pure returns (Accounts.Leaf memory leaf) {
        leaf.number = uint64(number(cases, at, ".number"));
        leaf.owner = vm.parseJsonAddress(cases, string.concat(at, ".owner"));
        leaf.status = uint8(number(cases, at, ".status"));
        for (uint256 i = 0; i < 6; ++i) {
            leaf.lanes[i] = uint128(number(cases, at, string.concat(".lanes", place(i))));
        }
        for (uint256 i = 0; i < 2; ++i) {
            leaf.locked[i] = uint128(number(cases, at, string.concat(".locked", place(i))));
        }
        Accounts.Position[] memory positions = new Accounts.Position[](number(cases, at, ".positionCount"));
        for (uint256 i = 0; i < positions.length; ++i) {
            string memory each = string.concat(at, ".positions", place(i));
            positions[i] = Accounts.Position({
                market: uint32(number(cases, each, ".market")),
                asset: uint8(number(cases, each, ".asset")),
                size: int128(vm.parseJsonInt(cases, string.concat(each, ".size"))),
                upnl: int128(vm.parseJsonInt(cases, string.concat(each, ".upnl")))
            });
        }
        Accounts.Token[] memory tokens = new Accounts.Token[](number(cases, at, ".tokenCount"));
        for (uint256 i = 0; i < tokens.length; ++i) {
            string memory each = string.concat(at, ".tokens", place(i));
            tokens[i] = Accounts.Token(
                uint32(number(cases, each, ".collection")), uint64(number(cases, each, ".token"))
            );
        }
        leaf.positionsHash = Accounts.positionsHash(positions);
        leaf.tokensHash = Accounts.tokensHash(tokens);
    }

    function recordOf(string memory cases, string memory at) private pure returns (MerkleSum.Record memory) {
        return abi.decode(vm.parseJsonBytes(cases, at), (MerkleSum.Record));
    }

    function pathOf(string memory cases, string memory at, uint256 depth)
        private
        pure
        returns (MerkleSum.Record[] memory path)
    {
        path = new MerkleSum.Record[](depth);
        for (uint256 i = 0; i < depth; ++i) {
            path[i] = recordOf(cases, string.concat(at, place(i)));
        }
    }

    function sumsOf(string memory cases, string memory at) private pure returns (uint256[3] memory) {
        uint128[6] memory sums;
        for (uint256 i = 0; i < 6; ++i) {
            sums[i] = uint128(number(cases, at, string.concat(".sums", place(i))));
        }
        return Accounts.packed(sums);
    }

    function payoutOf(string memory cases, string memory at) private pure returns (Payouts.Payout memory) {
        return Payouts.Payout({
            number: uint64(number(cases, at, ".number")),
            owner: vm.parseJsonAddress(cases, string.concat(at, ".owner")),
            kind: uint8(number(cases, at, ".kind")),
            id: uint32(number(cases, at, ".id")),
            value: uint128(number(cases, at, ".value"))
        });
    }

    function batchOf(string memory cases, string memory at) private pure returns (Batches.Batch memory b) {
        b.number = uint64(number(cases, at, ".number"));
        b.journalSeq = uint64(number(cases, at, ".journalSeq"));
        b.time = uint64(number(cases, at, ".time"));
        b.journalHead = vm.parseJsonBytes32(cases, string.concat(at, ".journalHead"));
        b.accounts = uint64(number(cases, at, ".accounts"));
        b.accountsRoot = vm.parseJsonBytes32(cases, string.concat(at, ".accountsRoot"));
        for (uint256 i = 0; i < 6; ++i) {
            b.sums[i] = uint128(number(cases, at, string.concat(".sums", place(i))));
        }
        b.payouts = uint64(number(cases, at, ".payouts"));
        b.payoutsRoot = vm.parseJsonBytes32(cases, string.concat(at, ".payoutsRoot"));
        b.payoutNumber = uint64(number(cases, at, ".payoutNumber"));
        b.depositSequence = uint64(number(cases, at, ".depositSequence"));
        b.withdrawn[0] = uint128(number(cases, at, ".withdrawn[0]"));
        b.withdrawn[1] = uint128(number(cases, at, ".withdrawn[1]"));
        b.marksHash = vm.parseJsonBytes32(cases, string.concat(at, ".marksHash"));
    }
}
