// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {DelayedVault, ERC20} from "./DelayedVault.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";
import {IVault} from "./interfaces/IVault.sol";
import {IWrappedEther} from "./interfaces/IWrappedEther.sol";
import {Accounts} from "./libraries/Accounts.sol";
import {Batches} from "./libraries/Batches.sol";

/// @title LendingVault: shares of the pool out of which credit is promised
/// @notice provision = ceil(unsecured debt of the batch * lent by this contract / lent by all).
///
/// How it is stopped: it is not, and has no owner. Newcomers wait while no report is fresh or money is on its
/// way back, for ever once the settlement is frozen. Exits wait for a report too, until the settlement is
/// frozen; then they share what is here.
///
/// What it does less than the engine (docs/spec/vaults.md): prices change with reports, not with commands;
/// the provision does not count what the insurance vault and the reserve pay before; shares that are spent
/// are not restated, the vault stays closed. What is promised as credit is not sent back when recalled.
contract LendingVault is DelayedVault {
    constructor(IWrappedEther weth, IVault vault_, ISettlement settlement_)
        DelayedVault(weth, vault_, settlement_)
        ERC20("Floorbook Lending", "fbLEND")
    {}

    function _provision(Batches.Batch calldata b, Accounts.Leaf calldata leaf)
        internal
        pure
        override
        returns (uint256)
    {
        uint256 all = b.sums[Accounts.LENT];
        if (all == 0) return 0;
        return Math.mulDiv(b.sums[Accounts.UNSECURED], leaf.lanes[Accounts.LENT], all, Math.Rounding.Ceil);
    }

    /// @dev Who comes while a loss is foreseen bears his part: he pays the price without the provision.
    function _isClosed() internal pure override returns (bool) {
        return false;
    }
}
