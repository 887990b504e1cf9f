// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title IVault: what the other contracts ask of the custody
interface IVault {
    /// @notice the only event that the exchange credits; sequence counts from 1 without gaps
    /// @param owner whose account it is for; the vault itself: backing of what the exchange already owed
    /// @param kind 0 money, 1 token
    /// @param id asset or collection
    /// @param value amount [atoms], or the token's id
    event Deposited(uint64 indexed sequence, address indexed owner, uint8 kind, uint32 id, uint128 value);

    /// @notice pay ether in for `owner`; msg.value is a whole number of atoms [wei]
    function depositEther(address owner) external payable returns (uint64 sequence);

    /// @notice pay an amount of an ERC-20 in for `owner`, from the caller who approved it [atoms]
    function depositMoney(uint32 asset, uint128 atoms, address owner) external returns (uint64 sequence);

    /// @notice hand a token in for `owner`, from the caller who approved it
    function depositToken(uint32 collection, uint256 tokenId, address owner)
        external
        returns (uint64 sequence);

    /// @notice pay money [atoms] or a token out; what cannot be delivered becomes a credit of `to`
    /// @return delivered false: it was credited
    function pay(uint8 kind, uint32 id, uint128 value, address to) external returns (bool delivered);

    /// @notice take no deposit ever again; the settlement says so when it freezes
    function close() external;

    /// @notice the last deposit's number, and all ever received by asset [atoms]
    function inflow() external view returns (uint64 sequence, uint128 receivedEther, uint128 receivedUsdc);

    function lastSequence() external view returns (uint64);

    /// @notice all ever deposited [atoms]
    function received(uint32 asset) external view returns (uint128);

    /// @notice all ever paid, credits included [atoms]
    function paid(uint32 asset) external view returns (uint128);

    /// @notice record hash of a deposit; 0: none has that number
    function deposits(uint64 sequence) external view returns (bytes32);

    /// @return token its contract, zero for ether
    /// @return unit of the contract in one atom
    function assets(uint32 asset) external view returns (address token, uint128 unit);

    function collections(uint32 collection) external view returns (address token);
}
