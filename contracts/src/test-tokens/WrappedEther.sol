// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title WrappedEther: ether as an ERC-20, one for one
/// @notice For chains that have no WETH of their own; the vaults take any WETH with `deposit` and `withdraw`.
/// How it is stopped: it is not; nobody has any right over it.
contract WrappedEther is ERC20 {
    event Deposit(address indexed owner, uint256 amount);
    event Withdrawal(address indexed owner, uint256 amount);

    error TransferFailed();

    constructor() ERC20("Wrapped Ether", "WETH") {}

    receive() external payable {
        deposit();
    }

    /// @notice wrap the ether sent [wei]
    function deposit() public payable {
        _mint(msg.sender, msg.value);
        emit Deposit(msg.sender, msg.value);
    }

    /// @notice unwrap `amount` [wei] to the caller
    function withdraw(uint256 amount) external {
        _burn(msg.sender, amount);
        (bool sent,) = msg.sender.call{value: amount}("");
        if (!sent) revert TransferFailed();
        emit Withdrawal(msg.sender, amount);
    }
}
