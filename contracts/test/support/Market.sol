// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICollections, IPriceSource} from "../../src/interfaces/IPriceSource.sol";
import {Prices} from "../../src/libraries/Prices.sol";
import {TestPunks} from "../../src/test-tokens/TestPunks.sol";
import {Checks} from "./Checks.sol";

/// @title An oracle that says what a test tells it, and lists two collections like the exchange's vault
contract ToldPrices is IPriceSource, ICollections {
    struct Told {
        uint128 value;
        uint64 sampledTo;
    }

    mapping(uint32 collection => address) public collections;
    mapping(bytes32 feed => Told) private told;

    error NothingReported();

    function list(uint32 collection, address token) external {
        collections[collection] = token;
    }

    function tell(uint32 collection, int64 token, uint8 kind, uint128 value) external {
        told[keccak256(abi.encode(collection, token, kind))] = Told(value, uint64(block.timestamp * 1e9));
    }

    function price(uint32 collection, int64 token, uint8 kind) external view returns (uint128, uint64) {
        Told memory found = told[keccak256(abi.encode(collection, token, kind))];
        if (found.sampledTo == 0) revert NothingReported();
        return (found.value, found.sampledTo);
    }
}

/// @title Two collections, one at 30 ETH and one at 10, and a reporter that never sleeps unless told
abstract contract Market is Checks {
    uint256 internal constant START = 1_700_000_000; // [s]
    uint128 internal constant ETH = 1e9; // [atoms]
    uint32 internal constant PUNKS = 0;
    uint32 internal constant CATS = 1;
    uint32 internal constant INSTRUMENT = 7; // of the units whose SHARE is reported

    address internal constant owner = address(0x01);
    address internal constant buyer = address(0x02);
    address internal constant attacker = address(0xBAD);

    ToldPrices internal oracle;
    TestPunks internal punks;
    TestPunks internal cats;

    function setUpMarket() internal {
        vm.warp(START);
        (oracle, punks, cats) = (new ToldPrices(), new TestPunks(), new TestPunks());
        oracle.list(PUNKS, address(punks));
        oracle.list(CATS, address(cats));
        tellFloors(30 * ETH, 10 * ETH);
    }

    function tellFloors(uint128 ofPunks, uint128 ofCats) internal {
        oracle.tell(PUNKS, Prices.WHOLE_COLLECTION, Prices.INDEX, ofPunks);
        oracle.tell(CATS, Prices.WHOLE_COLLECTION, Prices.INDEX, ofCats);
    }

    function tellAppraisal(uint32 collection, uint256 tokenId, uint128 value) internal {
        oracle.tell(collection, int64(uint64(tokenId)), Prices.APPRAISAL, value);
    }

    function tellShare(uint128 value) internal {
        oracle.tell(INSTRUMENT, Prices.WHOLE_COLLECTION, Prices.SHARE, value);
    }
}
