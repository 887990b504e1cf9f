// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title TestUsdc: a dollar for test chains, which anyone may mint
/// @notice Six decimals like USDC. It has no value and no owner; it must never be listed where money
/// is real.
/// How it is stopped: it is not; nobody has any right over it.
contract TestUsdc is ERC20 {
    /// @notice the most that one call mints [1e-6 USDC]
    uint256 public constant MINT_MAX = 10_000_000e6;

    /// @param amount what was asked for [1e-6 USDC]
    error MintAboveMaximum(uint256 amount);

    constructor() ERC20("Test USDC", "USDC") {}

    /// @notice give `to` new money
    /// @param amount at most MINT_MAX [1e-6 USDC]
    function mint(address to, uint256 amount) external {
        if (amount > MINT_MAX) revert MintAboveMaximum(amount);
        _mint(to, amount);
    }

    /// @inheritdoc ERC20
    function decimals() public pure override returns (uint8) {
        return 6;
    }
}
