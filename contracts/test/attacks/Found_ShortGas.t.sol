// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Administered} from "../../src/Administered.sol";
import {Vault} from "../../src/Vault.sol";
import {Batches} from "../../src/libraries/Batches.sol";
import {FeeCoin} from "../support/Receivers.sol";
import {Attack} from "./Attack.sol";

/// @title Takes ether only if it has gas to count it with, as a careful wallet does
contract Careful {
    receive() external payable {
        require(gasleft() > 45_000);
    }
}

/// @title Found: a stranger claims for a contract with so little gas that its payment becomes a credit
contract ShortGasAttack is Attack {
    address private owner;

    function setUp() public {
        setUpCustody();
        depositEther(holder, 100 * ETH_ATOMS);
        owner = address(new Careful());
    }

    /// forge-config: default.fuzz.runs = 256
    function testFuzz_a_caller_cannot_leave_the_receiver_too_little(uint32 gas_) public {
        debit(owner, 0, 0, ETH_ATOMS);
        Batches.Batch memory b = postFinal();
        bytes memory call = claimCall(b, 0);
        (bool done,) = address(withdrawals).call{gas: within(gas_, 20_000, 260_000)}(call);
        same(vault.credits(owner, 0), 0, "no credit, which a contract may have no way to fetch");
        holds(done == (owner.balance == 1 ether), "paid, or nothing");
    }
}

/// @title Found: a deposit of more than the exchange can count, which halts its adapter for good
contract UncountableDepositAttack is Attack {
    function setUp() public {
        setUpCustody();
    }

    /// @dev the journal has 64 bits; a deposit beyond it would have halted the adapter for good
    function test_more_than_the_exchange_counts_is_refused() public {
        FeeCoin coin = new FeeCoin(0);
        vault = new Vault(address(this), address(this), DELAY, coin, address(this), frozenExit);
        uint128 most = uint128(vault.RECEIVED_MAX());
        coin.mint(address(this), uint256(most) + 1e6);
        coin.approve(address(vault), type(uint256).max);
        bytes4 reason = Administered.OutOfBounds.selector;
        refuses(address(vault), abi.encodeCall(vault.depositMoney, (1, most + 1, holder)), reason);
        vault.depositMoney(1, most - 1e6, holder);
        refuses(address(vault), abi.encodeCall(vault.depositMoney, (1, 1e6 + 1, holder)), reason);
        same(vault.received(1), most - 1e6, "what was taken can be counted");
    }
}
