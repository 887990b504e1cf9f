// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What forge offers a test, as far as these tests ask for it
interface Cheats {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    function readFile(string calldata path) external view returns (string memory);
    function parseJsonUintArray(string calldata json, string calldata key)
        external
        pure
        returns (uint256[] memory);
    function parseJsonIntArray(string calldata json, string calldata key)
        external
        pure
        returns (int256[] memory);
    function parseJsonUint(string calldata json, string calldata key) external pure returns (uint256);
    function parseJsonInt(string calldata json, string calldata key) external pure returns (int256);
    function parseJsonBytes(string calldata json, string calldata key) external pure returns (bytes memory);
    function parseJsonBytes32(string calldata json, string calldata key) external pure returns (bytes32);
    function parseJsonAddress(string calldata json, string calldata key) external pure returns (address);
    function keyExistsJson(string calldata json, string calldata key) external view returns (bool);
    function toString(uint256 value) external pure returns (string memory);
    function addr(uint256 key) external pure returns (address);
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function getNonce(address account) external view returns (uint64);
    function computeCreateAddress(address deployer, uint256 nonce) external pure returns (address);
    function warp(uint256 time) external;
    function chainId(uint256 id) external;
    function deal(address who, uint256 wei_) external;
    function prank(address sender) external;
    function startPrank(address sender) external;
    function stopPrank() external;
    function etch(address where, bytes calldata code) external;
    function expectRevert(bytes4 selector) external;
    function expectRevert(bytes calldata reason) external;
    function expectRevert() external;
    function assume(bool condition) external pure;
    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory);
    function snapshotState() external returns (uint256);
    function revertToState(uint256 id) external returns (bool);
}

/// @title The base of a test: cheats and sentences that fail
abstract contract Checks {
    Cheats internal constant vm = Cheats(address(uint160(uint256(keccak256("hevm cheat code")))));

    error Wrong(string sentence, int256 found, int256 expected);

    function same(uint256 found, uint256 expected, string memory sentence) internal pure {
        if (found != expected) revert Wrong(sentence, int256(found), int256(expected));
    }

    function same(int256 found, int256 expected, string memory sentence) internal pure {
        if (found != expected) revert Wrong(sentence, found, expected);
    }

    function same(address found, address expected, string memory sentence) internal pure {
        same(uint160(found), uint160(expected), sentence);
    }

    function same(bytes32 found, bytes32 expected, string memory sentence) internal pure {
        if (found != expected) revert Wrong(sentence, int256(uint256(found)), int256(uint256(expected)));
    }

    function atMost(uint256 found, uint256 limit, string memory sentence) internal pure {
        if (found > limit) revert Wrong(sentence, int256(found), int256(limit));
    }

    function atMost(int256 found, int256 limit, string memory sentence) internal pure {
        if (found > limit) revert Wrong(sentence, found, limit);
    }

    function holds(bool condition, string memory sentence) internal pure {
        if (!condition) revert Wrong(sentence, 0, 1);
    }

    /// @notice A fuzzed number brought into [low, high].
    function within(uint256 value, uint256 low, uint256 high) internal pure returns (uint256) {
        return low + (value % (high - low + 1));
    }
}
