// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IndexVault} from "../../src/IndexVault.sol";
import {TestPunks} from "../../src/test-tokens/TestPunks.sol";
import {Market} from "./Market.sol";

/// @title A fund whose prices have been noted for half a day
abstract contract Fund is Market {
    uint32 internal constant SUPPLY = 10_000; // of each collection
    uint256 internal constant WEIGHT_MAX = 800_000_000; // [ppb]

    IndexVault internal fund;

    function setUpFund() internal {
        setUpMarket();
        (uint32[] memory numbers, uint32[] memory supplies) = (new uint32[](2), new uint32[](2));
        (numbers[1], supplies[0], supplies[1]) = (CATS, SUPPLY, SUPPLY);
        fund = new IndexVault("Floorbook Index", "fbIDX", numbers, supplies, WEIGHT_MAX, oracle, oracle);
        fund.reweigh();
        stand(30 * ETH, 10 * ETH, 13 hours);
    }

    /// @dev the floors are told and noted every hour for so long
    function stand(uint128 ofPunks, uint128 ofCats, uint256 time) internal {
        tellFloors(ofPunks, ofCats);
        fund.noteAll();
        for (uint256 end = block.timestamp + time; block.timestamp < end;) {
            vm.warp(block.timestamp + 1 hours);
            tellFloors(ofPunks, ofCats);
            fund.noteAll();
        }
    }

    /// @dev mint the tokens to `who`, who brings them; the shares
    function bring(address who, IndexVault.Named[] memory named) internal returns (uint256 shares) {
        give(who, named);
        vm.prank(who);
        shares = fund.mint(named, 0, who);
    }

    function give(address who, IndexVault.Named[] memory named) internal {
        for (uint256 i = 0; i < named.length; ++i) {
            TestPunks token = named[i].place == 0 ? punks : cats;
            token.mint(who, named[i].tokenId);
            vm.prank(who);
            token.approve(address(fund), named[i].tokenId);
        }
    }

    function punk(uint64 id) internal pure returns (IndexVault.Named[] memory named) {
        named = new IndexVault.Named[](1);
        named[0] = IndexVault.Named(0, id);
    }

    function cat(uint64 id) internal pure returns (IndexVault.Named[] memory named) {
        named = new IndexVault.Named[](1);
        named[0] = IndexVault.Named(1, id);
    }

    /// @dev punks 1 to 3 and cat 1: 100 ETH
    function threeAndOne() internal pure returns (IndexVault.Named[] memory named) {
        named = new IndexVault.Named[](4);
        for (uint64 i = 0; i < 3; ++i) {
            named[i] = IndexVault.Named(0, i + 1);
        }
        named[3] = IndexVault.Named(1, 1);
    }

    function four(uint32 place, uint64 first) internal pure returns (IndexVault.Named[] memory) {
        return many(place, first, 4);
    }

    function many(uint32 place, uint64 first, uint64 count)
        internal
        pure
        returns (IndexVault.Named[] memory named)
    {
        named = new IndexVault.Named[](count);
        for (uint64 i = 0; i < count; ++i) {
            named[i] = IndexVault.Named(uint8(place), first + i);
        }
    }
}
