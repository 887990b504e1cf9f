// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {Settlement} from "../../src/Settlement.sol";
import {Batches} from "../../src/libraries/Batches.sol";
import {Signers} from "../../src/libraries/Signers.sol";
import {Attack} from "./Attack.sol";

/// @title Row 9: signatures are played again, on another chain, for another contract, or bent
contract ReplayAttack is Attack {
    uint256 private constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    function setUp() public {
        setUpCustody();
        depositEther(holder, 100 * ETH_ATOMS);
    }

    function test_a_batch_is_not_posted_twice() public {
        Batches.Batch memory b = nextBatch();
        bytes[] memory signatures = sign(b);
        settlement.post(b, signatures);
        vm.warp(block.timestamp + WINDOW);
        refused(b, signatures, Settlement.WrongNumber.selector);
    }

    function test_signatures_of_another_chain_or_contract_do_not_count() public {
        Batches.Batch memory b = nextBatch();
        vm.chainId(1);
        bytes[] memory signatures = sign(b);
        vm.chainId(31_337);
        refused(b, signatures, Signers.NotASigner.selector);
        Settlement ours = settlement;
        settlement =
            new Settlement(address(this), address(this), DELAY, vault, WINDOW, settlement.operatorList(), 2);
        signatures = sign(b);
        settlement.post(b, signatures); // there they do
        settlement = ours;
        refused(b, signatures, Signers.NotASigner.selector);
    }

    function test_a_bent_signature_does_not_count() public {
        Batches.Batch memory b = nextBatch();
        bytes[] memory signatures = sign(b);
        bytes memory good = signatures[1];
        signatures[1] = bent(good);
        refused(b, signatures, ECDSA.ECDSAInvalidSignatureS.selector);
        signatures[1] = signatures[0]; // one operator is not two
        refused(b, signatures, Signers.NotAscending.selector);
        signatures[1] = new bytes(65); // ecrecover finds nobody
        refused(b, signatures, ECDSA.ECDSAInvalidSignature.selector);
        signatures[1] = good;
        settlement.post(b, signatures);
    }

    /// forge-config: default.fuzz.runs = 256
    function testFuzz_random_bytes_are_no_signature(bytes32 r, bytes32 s, uint8 v) public {
        Batches.Batch memory b = nextBatch();
        bytes[] memory signatures = sign(b);
        signatures[1] = abi.encodePacked(r, s, v);
        (bool done,) = address(settlement).call(abi.encodeCall(settlement.post, (b, signatures)));
        holds(!done, "nobody signed it");
        profitOf(settlement.latest(), 0, "nothing posted");
    }

    /// @dev the same signature with n - s and the other v
    function bent(bytes memory signature_) private pure returns (bytes memory) {
        (bytes32 r, uint256 s, uint8 v) = (0, 0, uint8(signature_[64]));
        assembly ("memory-safe") {
            r := mload(add(signature_, 0x20))
            s := mload(add(signature_, 0x40))
        }
        return abi.encodePacked(r, ORDER - s, v == 27 ? 28 : 27);
    }

    function refused(Batches.Batch memory b, bytes[] memory signatures, bytes4 reason) private {
        refuses(address(settlement), abi.encodeCall(settlement.post, (b, signatures)), reason);
        profitOf(holder.balance, 0, "nothing paid");
    }
}
