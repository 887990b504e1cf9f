// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

/// @notice ERC-5646: a hash of everything about a token that a buyer looks at
interface IERC5646 {
    function getStateFingerprint(uint256 tokenId) external view returns (bytes32);
}

/// @title TestPunks: a collection for test chains, of which anyone may mint a free id
/// @notice A token's look can be altered by its owner, which changes its fingerprint, as the emptying of a
/// token-bound account would. It must never be listed where money is real.
/// How it is stopped: it is not; nobody has any right over it.
contract TestPunks is ERC721, IERC5646 {
    /// @notice ids below it may be minted: as many as the exchange can number (2**40 - 1 is the last)
    uint256 public constant IDS = 1 << 40;

    /// @notice how often a token was altered
    mapping(uint256 tokenId => uint256) public alterations;

    event Altered(uint256 indexed tokenId, uint256 alterations);

    error IdTooLarge(uint256 tokenId);
    error NotOwner(uint256 tokenId);

    constructor() ERC721("Test Punks", "PUNK") {}

    /// @notice give `to` a token that nobody has; no callback, so it may be any address
    function mint(address to, uint256 tokenId) public {
        if (tokenId >= IDS) revert IdTooLarge(tokenId);
        _mint(to, tokenId);
    }

    /// @notice give `to` several tokens that nobody has; all or none
    function mintMany(address to, uint256[] calldata tokenIds) external {
        for (uint256 i = 0; i < tokenIds.length; ++i) {
            mint(to, tokenIds[i]);
        }
    }

    /// @notice change the look of one's token, and so its fingerprint
    function alter(uint256 tokenId) external {
        if (ownerOf(tokenId) != msg.sender) revert NotOwner(tokenId);
        emit Altered(tokenId, ++alterations[tokenId]);
    }

    /// @inheritdoc IERC5646
    function getStateFingerprint(uint256 tokenId) external view returns (bytes32) {
        _requireOwned(tokenId);
        return keccak256(abi.encode(address(this), tokenId, alterations[tokenId]));
    }

    /// @inheritdoc ERC721
    function supportsInterface(bytes4 interfaceId) public view override returns (bool) {
        return interfaceId == type(IERC5646).interfaceId || super.supportsInterface(interfaceId);
    }
}
