// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Accounts: what a leaf says of an account
/// @notice leaf = keccak(0x00 | number | owner | status | lanes | locked | positionsHash | tokensHash). Spec:
/// docs/spec/settlement.md
library Accounts {
    /// @param number of the account, its place in the tree
    /// @param owner whose it is; sub-accounts carry their owner's address
    /// @param status bits UNDER_MARGIN, IN_AUCTION, OWES, SYSTEM, CLAIMED
    /// @param lanes [atoms]: claims and debts in ether, claims and debts in USDC, lent, unsecured
    /// @param locked of the claim in ether, in USDC: what no forced exit gets, whatever it closes [atoms]
    /// @param positionsHash of its open positions, 0: none
    /// @param tokensHash of its tokens, 0: none
    struct Leaf {
        uint64 number;
        address owner;
        uint8 status;
        uint128[6] lanes;
        uint128[2] locked;
        bytes32 positionsHash;
        bytes32 tokensHash;
    }

    /// @param size signed: long above zero [lots]
    /// @param upnl size * mark * unit less the entry cost [atoms of the asset]
    struct Position {
        uint32 market;
        uint8 asset;
        int128 size;
        int128 upnl;
    }

    struct Token {
        uint32 collection;
        uint64 token;
    }

    /// @notice equity is below the initial margin
    uint8 internal constant UNDER_MARGIN = 1;
    /// @notice one of its tokens is on sale
    uint8 internal constant IN_AUCTION = 2;
    /// @notice it has a debt, or its owner one from a sale that brought too little
    uint8 internal constant OWES = 4;
    /// @notice it belongs to the exchange
    uint8 internal constant SYSTEM = 8;
    /// @notice one of its tokens carries a claim
    uint8 internal constant CLAIMED = 16;

    /// @notice lanes of an asset: CLAIMS + 2 * asset, DEBTS + 2 * asset
    uint256 internal constant CLAIMS = 0;
    uint256 internal constant DEBTS = 1;
    uint256 internal constant LENT = 4;
    uint256 internal constant UNSECURED = 5;

    uint8 private constant LEAF = 0x00;

    function leafHash(Leaf memory a) internal pure returns (bytes32) {
        return keccak256(
            abi.encodePacked(
                LEAF,
                a.number,
                a.owner,
                a.status,
                packed(a.lanes),
                a.locked[0],
                a.locked[1],
                a.positionsHash,
                a.tokensHash
            )
        );
    }

    /// @notice what of the claim a forced exit can get at the marks [atoms]
    function free(Leaf memory a, uint32 asset) internal pure returns (uint128) {
        (uint128 claim, uint128 kept) = (a.lanes[CLAIMS + 2 * asset], a.locked[asset]);
        return claim > kept ? claim - kept : 0;
    }

    /// @notice the six lanes as three words, the even lane in the high half
    function packed(uint128[6] memory lanes) internal pure returns (uint256[3] memory words) {
        for (uint256 i = 0; i < 3; i++) {
            words[i] = uint256(lanes[2 * i]) << 128 | lanes[2 * i + 1];
        }
    }

    /// @notice keccak of (market | asset | size | upnl) of each position, by market; 0: none
    function positionsHash(Position[] memory positions) internal pure returns (bytes32) {
        if (positions.length == 0) return 0;
        bytes memory all;
        for (uint256 i = 0; i < positions.length; i++) {
            Position memory p = positions[i];
            all = abi.encodePacked(all, p.market, p.asset, p.size, p.upnl);
        }
        return keccak256(all);
    }

    /// @notice keccak of (collection | token) of each token, sorted; 0: none
    function tokensHash(Token[] memory tokens) internal pure returns (bytes32) {
        if (tokens.length == 0) return 0;
        bytes memory all;
        for (uint256 i = 0; i < tokens.length; i++) {
            all = abi.encodePacked(all, tokens[i].collection, tokens[i].token);
        }
        return keccak256(all);
    }
}
