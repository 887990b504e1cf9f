// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @notice Any WETH: ether as an ERC-20, one for one [wei]
interface IWrappedEther is IERC20 {
    function deposit() external payable;
    function withdraw(uint256 amount) external;
}
