// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DelayedVault, ERC20} from "./DelayedVault.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";
import {IVault} from "./interfaces/IVault.sol";
import {IWrappedEther} from "./interfaces/IWrappedEther.sol";
import {Accounts} from "./libraries/Accounts.sol";
import {Batches} from "./libraries/Batches.sol";

/// @title InsuranceVault: shares of the fund that pays first when sold collateral does not bring its debt
/// @notice provision = min(its claim, unsecured debt of the batch): it may be the fund's only member.
///
/// How it is stopped: it is not, and has no owner. Newcomers wait while no report is fresh, money is on its
/// way back, or a loss of 1 % is foreseen, for ever once the settlement is frozen. Exits wait for a report
/// too, until the settlement is frozen; then they share what is here.
///
/// What it does less than the engine (docs/spec/vaults.md): prices change with reports, not with commands;
/// the provision does not know what other members bear; it closes by the provision, not by the debt on
/// sale; shares that are spent are not restated, the vault stays closed.
contract InsuranceVault is DelayedVault {
    uint256 public constant CLOSING_SHARE = 100; // 1 / CLOSING_SHARE of what is deployed

    constructor(IWrappedEther weth, IVault vault_, ISettlement settlement_)
        DelayedVault(weth, vault_, settlement_)
        ERC20("Floorbook Insurance", "fbINS")
    {}

    function _provision(Batches.Batch calldata b, Accounts.Leaf calldata)
        internal
        pure
        override
        returns (uint256)
    {
        return b.sums[Accounts.UNSECURED];
    }

    function _isClosed() internal view override returns (bool) {
        return provision > 0 && uint256(provision) * CLOSING_SHARE >= book.deployed;
    }
}
