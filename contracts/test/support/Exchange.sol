// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ForcedExit} from "../../src/ForcedExit.sol";
import {FrozenExit} from "../../src/FrozenExit.sol";
import {FrozenPrices} from "../../src/FrozenPrices.sol";
import {NftAuction} from "../../src/NftAuction.sol";
import {Settlement} from "../../src/Settlement.sol";
import {Vault} from "../../src/Vault.sol";
import {Withdrawals} from "../../src/Withdrawals.sol";
import {Accounts} from "../../src/libraries/Accounts.sol";
import {Batches} from "../../src/libraries/Batches.sol";
import {MerkleSum} from "../../src/libraries/MerkleSum.sol";
import {Payouts} from "../../src/libraries/Payouts.sol";
import {TestPunks} from "../../src/test-tokens/TestPunks.sol";
import {TestUsdc} from "../../src/test-tokens/TestUsdc.sol";
import {Reporters} from "./Reporters.sol";

/// @title An exchange on chain whose state the test writes: accounts, positions, tokens, payouts
/// @dev One operator signs; the test contract is admin and guardian everywhere.
abstract contract Exchange is Reporters {
    uint128 internal constant ETHER = 1e9; // [atoms]
    uint128 internal constant DOLLAR = 1e6; // [atoms]
    uint256 internal constant GWEI = 1e9; // [wei/atom]
    uint256 internal constant WINDOW = 1 hours;
    uint256 internal constant SERVE = 24 hours;
    uint256 internal constant BOND = 0.05 ether;
    uint32 internal constant PUNKS = 0;
    uint256 private constant OPERATOR = 77;

    address internal constant treasury = address(0x7EA5);
    address internal constant backer = address(0xBACC);

    Vault internal vault;
    Settlement internal settlement;
    Withdrawals internal withdrawals;
    ForcedExit internal forced;
    FrozenPrices internal prices;
    FrozenExit internal frozen;
    NftAuction internal auction;
    TestUsdc internal usdc;
    TestPunks internal punks;

    Accounts.Leaf[] internal leaves;
    mapping(uint64 account => Accounts.Position[]) internal positions;
    mapping(uint64 account => Accounts.Token[]) internal tokens;
    Payouts.Payout[] internal outstanding;
    Batches.Mark[] internal marks;
    Batches.Batch internal last;

    function setUpExchange() internal {
        setUpOracle();
        (usdc, punks) = (new TestUsdc(), new TestPunks());
        uint256 nonce = vm.getNonce(address(this)); // of the vault
        vault = new Vault(address(this), address(this), 0, usdc, created(nonce + 2), created(nonce + 6));
        address[] memory operators = new address[](1);
        operators[0] = vm.addr(OPERATOR);
        settlement = new Settlement(address(this), address(this), 0, vault, WINDOW, operators, 1);
        Withdrawals.Terms[3] memory terms;
        terms[0] = Withdrawals.Terms(10_000 * uint64(ETHER), 10_000 * uint64(ETHER), 0);
        terms[1] = Withdrawals.Terms(20_000_000 * uint64(DOLLAR), 20_000_000 * uint64(DOLLAR), 0);
        terms[2] = Withdrawals.Terms(1_000, 1_000, 0);
        withdrawals = new Withdrawals(address(this), address(this), 0, vault, settlement, terms);
        forced = new ForcedExit(settlement, BOND, SERVE, treasury);
        prices = new FrozenPrices(settlement, oracle);
        auction = new NftAuction(FrozenExit(created(vm.getNonce(address(this)) + 1)), oracle);
        frozen = new FrozenExit(settlement, vault, prices, auction);
        same(address(auction.house()), address(frozen), "the auction's house");
        vault.listCollection(PUNKS, address(punks));
        same(vault.withdrawals(), address(withdrawals), "who may pay");
        same(vault.frozenExit(), address(frozen), "who may pay after a freeze");
        vault.wire(address(settlement));
        settlement.wire(address(forced));
    }

    // ---- the state the operators commit to -----------------------------------------------------

    function addAccount(address owner, int256 ether_, int256 usdc_) internal returns (uint64 number) {
        number = uint64(leaves.length);
        Accounts.Leaf storage leaf = leaves.push();
        (leaf.number, leaf.owner) = (number, owner);
        setEquity(number, ether_, usdc_);
    }

    function setEquity(uint64 number, int256 ether_, int256 usdc_) internal {
        Accounts.Leaf storage leaf = leaves[number];
        leaf.lanes[0] = ether_ > 0 ? uint128(uint256(ether_)) : 0;
        leaf.lanes[1] = ether_ < 0 ? uint128(uint256(-ether_)) : 0;
        leaf.lanes[2] = usdc_ > 0 ? uint128(uint256(usdc_)) : 0;
        leaf.lanes[3] = usdc_ < 0 ? uint128(uint256(-usdc_)) : 0;
        bool owes = leaf.lanes[1] > 0 || leaf.lanes[3] > 0;
        leaf.status = owes ? leaf.status | Accounts.OWES : leaf.status & ~Accounts.OWES;
    }

    function addPosition(uint64 account, uint32 market, int128 size, int128 upnl) internal {
        positions[account].push(Accounts.Position(market, marks[market].asset, size, upnl));
        leaves[account].positionsHash = Accounts.positionsHash(positions[account]);
    }

    function addMarket(uint8 asset, uint64 mark, uint64 unit) internal {
        marks.push(Batches.Mark(uint32(marks.length), asset, mark, unit));
    }

    /// @dev A token that the owner brought to the vault and the exchange has credited.
    function addToken(uint64 account, uint64 id) internal {
        punks.mint(address(this), id);
        punks.approve(address(vault), id);
        vault.depositToken(PUNKS, id, leaves[account].owner);
        tokens[account].push(Accounts.Token(PUNKS, id));
        leaves[account].tokensHash = Accounts.tokensHash(tokens[account]);
    }

    function removeTokens(uint64 account) internal {
        delete tokens[account];
        leaves[account].tokensHash = 0;
    }

    /// @dev What the engine does on a withdrawal: it debits, and gives the payout the next number.
    function debit(uint64 account, uint32 asset, uint128 amount) internal returns (uint256 index) {
        leaves[account].lanes[2 * asset] -= amount;
        last.withdrawn[asset] += amount;
        return addPayout(leaves[account].owner, Payouts.MONEY, asset, amount);
    }

    function addPayout(address owner, uint8 kind, uint32 id, uint128 value) internal returns (uint256 index) {
        outstanding.push(Payouts.Payout(++last.payoutNumber, owner, kind, id, value));
        return outstanding.length - 1;
    }

    // ---- batches -------------------------------------------------------------------------------

    /// @dev Deposits what the accounts claim beyond what the vault has, then posts.
    function post() internal returns (Batches.Batch memory b) {
        fund();
        b = last;
        b.number = settlement.latest() + 1;
        b.journalSeq += 1;
        b.time = uint64(block.timestamp);
        b.accounts = uint64(leaves.length);
        MerkleSum.Record memory top = rootOf(records());
        b.accountsRoot = top.hash;
        for (uint256 i = 0; i < 6; ++i) {
            b.sums[i] = lane(top, i);
        }
        b.payouts = uint64(outstanding.length);
        b.payoutsRoot = payoutsRoot();
        b.depositSequence = vault.lastSequence();
        b.marksHash = Batches.marksHash(marks);
        bytes[] memory signatures = new bytes[](1);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(OPERATOR, settlement.digest(b));
        signatures[0] = abi.encodePacked(r, s, v);
        settlement.post(b, signatures);
        last = b;
        vm.warp(block.timestamp + WINDOW / 128 + 1);
    }

    function postFinal() internal returns (Batches.Batch memory b) {
        b = post();
        vm.warp(block.timestamp + WINDOW);
    }

    /// @dev Freeze over a request of the first account's owner that nobody answers.
    function freezeNow() internal {
        address owner = address(0xF4EE);
        uint128 least = forced.VALUE_MIN();
        vm.deal(owner, BOND);
        vm.prank(owner);
        uint256 number = forced.request{value: BOND}(0, 0, 0, least);
        vm.warp(block.timestamp + SERVE);
        forced.freeze(number);
        frozen.open(last);
    }

    function settlePrices() internal {
        vm.warp(settlement.frozenAt() + 24 hours);
        for (uint256 i = 0; i < marks.length; ++i) {
            prices.settle(last, marks, i);
        }
    }

    function register(uint64 account) internal {
        frozen.register(leaves[account], accountProof(account), positions[account]);
    }

    function registerAll() internal {
        for (uint64 i = 0; i < leaves.length; ++i) {
            register(i);
        }
    }

    function endRegistration() internal {
        vm.warp(settlement.frozenAt() + 24 hours + 7 days);
    }

    function repay(uint64 account, uint32 asset, uint128 most) internal {
        if (asset == 0) {
            vm.deal(address(this), address(this).balance + most * GWEI);
            frozen.repay{value: most * GWEI}(account, asset, most);
        } else {
            usdc.mint(address(this), most < usdc.MINT_MAX() ? most : usdc.MINT_MAX());
            usdc.approve(address(frozen), most);
            frozen.repay(account, asset, most);
        }
    }

    function fund() internal {
        for (uint32 asset = 0; asset < 2; ++asset) {
            int256 missing = int256(uint256(last.withdrawn[asset])) - int256(uint256(vault.received(asset)));
            for (uint256 i = 0; i < leaves.length; ++i) {
                missing += int256(uint256(leaves[i].lanes[2 * asset]));
                missing -= int256(uint256(leaves[i].lanes[2 * asset + 1]));
            }
            if (missing > 0) deposit(backer, asset, uint128(uint256(missing)));
        }
    }

    function deposit(address owner, uint32 asset, uint128 amount) internal returns (uint64) {
        if (asset == 0) {
            vm.deal(address(this), address(this).balance + amount * GWEI);
            return vault.depositEther{value: amount * GWEI}(owner);
        }
        usdc.mint(address(this), amount);
        usdc.approve(address(vault), amount);
        return vault.depositMoney(asset, amount, owner);
    }

    // ---- trees, from below ---------------------------------------------------------------------

    function accountProof(uint64 account) internal view returns (MerkleSum.Record[] memory path) {
        MerkleSum.Record[] memory level = records();
        path = new MerkleSum.Record[](depth(leaves.length));
        uint256 index = account;
        for (uint256 i = 0; i < path.length; ++i) {
            path[i] = level[index ^ 1];
            level = above(level);
            index /= 2;
        }
    }

    function payoutProof(uint256 index) internal view returns (bytes32[] memory path) {
        bytes32[] memory level = payoutLeaves();
        path = new bytes32[](depth(outstanding.length));
        for (uint256 i = 0; i < path.length; ++i) {
            path[i] = level[index ^ 1];
            level = hashesAbove(level);
            index /= 2;
        }
    }

    function lane(MerkleSum.Record memory record, uint256 i) internal pure returns (uint128) {
        uint256 word = record.lanes[i / 2];
        return uint128(i % 2 == 0 ? word >> 128 : word);
    }

    function records() private view returns (MerkleSum.Record[] memory level) {
        level = new MerkleSum.Record[](2 ** depth(leaves.length));
        for (uint256 i = 0; i < leaves.length; ++i) {
            Accounts.Leaf memory leaf = leaves[i];
            level[i] = MerkleSum.Record(Accounts.leafHash(leaf), Accounts.packed(leaf.lanes));
        }
    }

    function rootOf(MerkleSum.Record[] memory level) private pure returns (MerkleSum.Record memory) {
        while (level.length > 1) {
            level = above(level);
        }
        return level[0];
    }

    function above(MerkleSum.Record[] memory level) private pure returns (MerkleSum.Record[] memory half) {
        half = new MerkleSum.Record[](level.length / 2);
        for (uint256 i = 0; i < half.length; ++i) {
            half[i] = MerkleSum.join(level[2 * i], level[2 * i + 1]);
        }
    }

    function payoutsRoot() private view returns (bytes32) {
        if (outstanding.length == 0) return 0;
        bytes32[] memory level = payoutLeaves();
        while (level.length > 1) {
            level = hashesAbove(level);
        }
        return level[0];
    }

    function payoutLeaves() private view returns (bytes32[] memory level) {
        level = new bytes32[](2 ** depth(outstanding.length));
        for (uint256 i = 0; i < outstanding.length; ++i) {
            level[i] = Payouts.leafHash(outstanding[i]);
        }
    }

    function hashesAbove(bytes32[] memory level) private pure returns (bytes32[] memory half) {
        half = new bytes32[](level.length / 2);
        for (uint256 i = 0; i < half.length; ++i) {
            half[i] = Payouts.nodeHash(level[2 * i], level[2 * i + 1]);
        }
    }

    function depth(uint256 count) private pure returns (uint256 d) {
        while (2 ** d < count) ++d;
    }

    /// @dev The address of the contract that the test creates with that nonce, below 128.
    function created(uint256 nonce) private view returns (address) {
        bytes32 hash = keccak256(abi.encodePacked(hex"d694", address(this), bytes1(uint8(nonce))));
        return address(uint160(uint256(hash)));
    }

    receive() external payable {}
}
