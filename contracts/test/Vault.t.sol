// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Administered} from "../src/Administered.sol";
import {Vault} from "../src/Vault.sol";
import {Deposits} from "../src/libraries/Deposits.sol";
import {Cheats} from "./support/Checks.sol";
import {Custody} from "./support/Custody.sol";
import {Burner, FeeCoin, LyingPunks, Refuser, StubbornPunks} from "./support/Receivers.sol";

/// @title Deposits are numbered and exact; payments arrive or become credits; nobody else takes
contract VaultTest is Custody {
    uint32 private constant STUBBORN = 5;
    uint32 private constant LYING = 6;

    StubbornPunks private stubborn;

    function setUp() public {
        setUpCustody();
        stubborn = new StubbornPunks();
        list(STUBBORN, address(stubborn));
    }

    // ---- deposits

    function test_deposits_of_every_kind_share_one_count() public {
        same(depositEther(holder, 3), 1, "first");
        same(depositUsdc(stranger, 4), 2, "second");
        same(depositPunk(holder, 5), 3, "third");
        same(vault.lastSequence(), 3, "the last");
        same(vault.deposits(1), Deposits.recordHash(1, holder, 0, 0, 3), "record of ether");
        same(vault.deposits(2), Deposits.recordHash(2, stranger, 0, 1, 4), "record of USDC");
        same(vault.deposits(3), Deposits.recordHash(3, holder, 1, PUNKS, 5), "record of a token");
        same(vault.deposits(4), 0, "nothing more");
        (uint64 sequence, uint128 ether_, uint128 dollars) = vault.inflow();
        same(sequence, 3, "sequence");
        same(ether_, vault.received(0), "ether");
        same(dollars, vault.received(1), "USDC");
        same(ether_, 3, "3 atoms of ether");
        same(dollars, 4, "4 atoms of USDC");
        same(address(vault).balance, 3 gwei, "held");
        same(usdc.balanceOf(address(vault)), 4, "held");
        same(punks.ownerOf(5), address(vault), "held");
    }

    function test_the_event_names_the_owner_whoever_paid() public {
        vm.recordLogs();
        vm.deal(stranger, 1 ether);
        vm.prank(stranger);
        vault.depositEther{value: 1 ether}(holder);
        Cheats.Log memory log = vm.getRecordedLogs()[0];
        same(log.topics[0], keccak256("Deposited(uint64,address,uint8,uint32,uint128)"), "event");
        same(uint256(log.topics[1]), 1, "sequence");
        same(uint256(log.topics[2]), uint160(holder), "owner");
        same(keccak256(log.data), keccak256(abi.encode(uint8(0), uint32(0), uint128(1e9))), "what");
    }

    function test_bad_deposits_are_refused() public {
        vm.deal(address(this), 1 ether);
        bytes4 reason = Vault.NotWholeAtoms.selector;
        refusesWith(1 gwei + 1, abi.encodeCall(vault.depositEther, (holder)), reason);
        refusesWith(0, abi.encodeCall(vault.depositEther, (holder)), Vault.NothingDeposited.selector);
        refusesWith(1 gwei, abi.encodeCall(vault.depositEther, (address(0))), Vault.NoOwner.selector);
        refusesWith(0, abi.encodeCall(vault.depositMoney, (1, 0, holder)), Vault.NothingDeposited.selector);
        for (uint32 asset = 0; asset < 4; ++asset) {
            if (asset == 1) continue;
            refusesWith(
                0, abi.encodeCall(vault.depositMoney, (asset, 5, holder)), Vault.UnknownAsset.selector
            );
        }
        reason = Vault.UnknownCollection.selector;
        refusesWith(0, abi.encodeCall(vault.depositToken, (PUNKS + 1, 1, holder)), reason);
        reason = Vault.TokenIdAboveMaximum.selector;
        refusesWith(0, abi.encodeCall(vault.depositToken, (PUNKS, 2 ** 40, holder)), reason);
        punks.mint(stranger, 8);
        reason = IERC721Errors.ERC721InsufficientApproval.selector;
        refusesWith(0, abi.encodeCall(vault.depositToken, (PUNKS, 8, holder)), reason);
        same(vault.lastSequence(), 0, "nothing was counted");
    }

    function test_a_coin_that_keeps_a_fee_and_a_token_that_stays_are_refused() public {
        FeeCoin coin = new FeeCoin(1);
        Vault other =
            new Vault(address(this), address(this), DELAY, IERC20(address(coin)), address(this), frozenExit);
        coin.mint(address(this), 1_000);
        coin.approve(address(other), 1_000);
        refuses(
            address(other), abi.encodeCall(other.depositMoney, (1, 1_000, holder)), Vault.NotReceived.selector
        );
        LyingPunks lying = new LyingPunks();
        list(LYING, address(lying));
        lying.mint(address(this), 1);
        refusesWith(0, abi.encodeCall(vault.depositToken, (LYING, 1, holder)), Vault.NotReceived.selector);
    }

    /// forge-config: default.fuzz.runs = 256
    function testFuzz_whole_atoms_are_received_to_the_last(uint96 amount, uint64 dollars) public {
        vm.deal(address(this), amount);
        (bool done,) = address(vault).call{value: amount}(abi.encodeCall(vault.depositEther, (holder)));
        holds(done == (amount != 0 && amount % 1 gwei == 0), "only whole atoms, and some");
        same(uint256(vault.received(0)) * 1 gwei, address(vault).balance, "received is held");
        usdc.mint(address(this), within(dollars, 1, usdc.MINT_MAX()));
        uint128 all = uint128(usdc.balanceOf(address(this)));
        usdc.approve(address(vault), all);
        vault.depositMoney(1, all, holder);
        same(vault.received(1), usdc.balanceOf(address(vault)), "received is held");
    }

    function test_the_guardian_pauses_deposits_and_the_admin_resumes_them() public {
        refusesWith(0, abi.encodeCall(vault.pauseDeposits, ()), Administered.NotGuardian.selector);
        vm.prank(warden);
        vault.pauseDeposits();
        vm.deal(address(this), 1 gwei);
        refusesWith(1 gwei, abi.encodeCall(vault.depositEther, (holder)), Vault.DepositsStopped.selector);
        vm.prank(warden);
        refusesWith(0, abi.encodeCall(vault.resumeDeposits, ()), Administered.NotAdmin.selector);
        vault.resumeDeposits();
        vault.depositEther{value: 1 gwei}(holder);
        vm.prank(frozenExit);
        vault.pay(0, 0, 1, holder); // a pause never stops a payment
    }

    function test_only_the_settlement_closes_deposits() public {
        refusesWith(0, abi.encodeCall(vault.close, ()), Vault.NotSettlement.selector);
        vm.prank(address(settlement));
        vault.close();
        vm.deal(address(this), 1 gwei);
        refusesWith(1 gwei, abi.encodeCall(vault.depositEther, (holder)), Vault.DepositsStopped.selector);
        vault.resumeDeposits();
        refusesWith(1 gwei, abi.encodeCall(vault.depositEther, (holder)), Vault.DepositsStopped.selector);
    }

    // ---- payments

    function test_only_modules_pay() public {
        depositEther(holder, 5);
        refusesWith(0, abi.encodeCall(vault.pay, (0, 0, 5, holder)), Vault.NotModule.selector);
        vm.prank(address(settlement));
        refusesWith(0, abi.encodeCall(vault.pay, (0, 0, 5, holder)), Vault.NotModule.selector);
    }

    function test_every_kind_is_paid() public {
        depositEther(holder, 5);
        depositUsdc(holder, 6);
        depositPunk(holder, 7);
        holds(pay(0, 0, 2, stranger) && pay(0, 1, 4, stranger) && pay(1, PUNKS, 7, stranger), "delivered");
        same(stranger.balance, 2 gwei, "ether");
        same(usdc.balanceOf(stranger), 4, "USDC");
        same(punks.ownerOf(7), stranger, "token");
        same(vault.paid(0), 2, "paid");
        same(vault.paid(1), 4, "paid");
    }

    function test_no_more_is_paid_than_was_received() public {
        depositEther(holder, 5);
        vm.deal(address(vault), 1 ether); // sent by force, belongs to nobody
        payRefused(0, 0, 6, Vault.NotHeld.selector);
        payRefused(0, 1, 1, Vault.NotHeld.selector);
        payRefused(0, 2, 1, Vault.UnknownAsset.selector);
        payRefused(2, 0, 1, Vault.UnknownKind.selector);
        payRefused(1, 9, 1, Vault.UnknownCollection.selector);
        vm.prank(frozenExit);
        refusesWith(0, abi.encodeCall(vault.pay, (0, 0, 1, address(0))), Vault.NoOwner.selector);
    }

    function test_ether_that_is_refused_becomes_a_credit() public {
        depositEther(holder, 5);
        Refuser refuser = new Refuser();
        holds(!pay(0, 0, 2, address(refuser)), "not delivered");
        same(vault.credits(address(refuser), 0), 2, "credited");
        same(vault.paid(0), 2, "paid, as far as the exchange knows");
        payRefused(0, 0, 4, Vault.NotHeld.selector); // the credit is not money of others
        pay(0, 0, 3, holder);
        bytes memory fetch = abi.encodeCall(vault.withdrawCredit, (0, address(refuser)));
        refuses(
            address(refuser),
            abi.encodeCall(refuser.call, (address(vault), fetch)),
            Vault.PaymentFailed.selector
        );
        refuser.relent();
        refuser.call(address(vault), fetch);
        same(address(refuser).balance, 2 gwei, "fetched");
        refuses(
            address(refuser), abi.encodeCall(refuser.call, (address(vault), fetch)), Vault.NoCredit.selector
        );
        same(address(vault).balance, 0, "nothing is left");
    }

    function test_a_credit_may_go_to_another_address() public {
        depositEther(holder, 5);
        Refuser refuser = new Refuser();
        pay(0, 0, 5, address(refuser));
        refuser.call(address(vault), abi.encodeCall(vault.withdrawCredit, (0, stranger)));
        same(stranger.balance, 5 gwei, "fetched");
    }

    function test_a_receiver_cannot_burn_more_than_its_gas() public {
        depositEther(holder, 5);
        Burner burner = new Burner();
        uint256 before = gasleft();
        holds(!pay(0, 0, 5, address(burner)), "not delivered");
        atMost(before - gasleft(), vault.PAY_GAS() + 150_000, "gas");
    }

    function test_usdc_to_a_blocked_owner_becomes_a_credit() public {
        FeeCoin coin = new FeeCoin(0);
        Vault other =
            new Vault(address(this), address(this), DELAY, IERC20(address(coin)), address(this), frozenExit);
        other.wire(address(1));
        coin.mint(address(this), 100);
        coin.approve(address(other), 100);
        other.depositMoney(1, 100, holder);
        coin.setBlocked(holder);
        holds(!other.pay(0, 1, 60, holder), "not delivered");
        same(other.credits(holder, 1), 60, "credited");
        vm.prank(holder);
        other.withdrawCredit(1, stranger);
        same(coin.balanceOf(stranger), 60, "fetched to another address");
    }

    function test_a_token_that_cannot_move_becomes_a_credit() public {
        stubborn.mint(address(this), 1);
        stubborn.approve(address(vault), 1);
        vault.depositToken(STUBBORN, 1, holder);
        stubborn.setStopped(true);
        holds(!pay(1, STUBBORN, 1, holder), "not delivered");
        same(vault.tokenCredits(STUBBORN, 1), holder, "credited");
        stubborn.setStopped(false);
        payRefused(1, STUBBORN, 1, Vault.NotHeld.selector); // it is the holder's already
        bytes memory fetch = abi.encodeCall(vault.withdrawTokenCredit, (STUBBORN, 1, stranger));
        refusesWith(0, fetch, Vault.NoCredit.selector);
        vm.prank(holder);
        vault.withdrawTokenCredit(STUBBORN, 1, stranger);
        same(stubborn.ownerOf(1), stranger, "fetched");
        vm.prank(holder);
        refusesWith(0, fetch, Vault.NoCredit.selector);
    }

    function test_a_token_that_is_not_here_is_not_credited() public {
        punks.mint(holder, 1);
        vm.prank(holder);
        punks.approve(address(vault), 1); // what he approved is still his
        payRefused(1, PUNKS, 1, Vault.NotHeld.selector);
        same(punks.ownerOf(1), holder, "it stays");
    }

    // ---- administration

    function test_a_collection_is_listed_once_and_after_the_delay() public {
        bytes32 key = vault.collectionKey(9);
        vault.propose(key, uint160(address(punks)));
        refusesWith(0, abi.encodeCall(vault.execute, (key)), Administered.TooEarly.selector);
        vm.warp(block.timestamp + DELAY);
        vault.execute(key);
        same(vault.collections(9), address(punks), "listed");
        bytes memory again = abi.encodeCall(vault.propose, (key, uint160(address(stubborn))));
        refusesWith(0, again, Vault.AlreadyListed.selector);
        bytes memory now_ = abi.encodeCall(vault.listCollection, (10, address(stubborn)));
        refusesWith(0, now_, Vault.AlreadyWired.selector);
        refusesWith(0, abi.encodeCall(vault.propose, ("other", 1)), Administered.UnknownKey.selector);
    }

    function test_it_is_wired_once_by_its_deployer() public {
        bytes memory call = abi.encodeCall(vault.wire, (stranger));
        refusesWith(0, call, Vault.AlreadyWired.selector);
        vm.prank(stranger);
        refusesWith(0, call, Vault.NotDeployer.selector);
    }

    function test_assets_say_what_an_atom_is() public {
        (address token, uint128 unit) = vault.assets(0);
        same(token, address(0), "ether");
        same(unit, 1 gwei, "an atom of ether");
        (token, unit) = vault.assets(1);
        same(token, address(usdc), "USDC");
        same(unit, 1, "an atom of USDC");
        refusesWith(0, abi.encodeCall(vault.assets, (2)), Vault.UnknownAsset.selector);
    }

    // ---- sentences

    function pay(uint8 kind, uint32 id, uint128 value, address to) private returns (bool) {
        vm.prank(frozenExit);
        return vault.pay(kind, id, value, to);
    }

    function payRefused(uint8 kind, uint32 id, uint128 value, bytes4 reason) private {
        vm.prank(frozenExit);
        refusesWith(0, abi.encodeCall(vault.pay, (kind, id, value, stranger)), reason);
    }

    function refusesWith(uint256 amount, bytes memory data, bytes4 reason) private {
        (bool done, bytes memory why) = address(vault).call{value: amount}(data);
        holds(!done, "it is refused");
        same(bytes32(bytes4(why)), bytes32(reason), "the reason");
    }

    function list(uint32 collection, address token) private {
        bytes32 key = vault.collectionKey(collection);
        vault.propose(key, uint160(token));
        vm.warp(block.timestamp + DELAY);
        vault.execute(key);
    }
}
