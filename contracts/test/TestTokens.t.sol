// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {TestPunks} from "../src/test-tokens/TestPunks.sol";
import {TestUsdc} from "../src/test-tokens/TestUsdc.sol";
import {WrappedEther} from "../src/test-tokens/WrappedEther.sol";
import {Checks} from "./support/Checks.sol";

/// @title What test chains trade in
contract TestTokensTest is Checks {
    address internal constant holder = address(0xCAFE);

    function test_dollars_are_minted_up_to_a_cap() public {
        TestUsdc usdc = new TestUsdc();
        uint256 most = usdc.MINT_MAX();
        usdc.mint(holder, most);
        same(usdc.balanceOf(holder), 10_000_000e6, "ten million");
        same(usdc.decimals(), 6, "six decimals");
        vm.expectRevert(abi.encodeWithSelector(TestUsdc.MintAboveMaximum.selector, most + 1));
        usdc.mint(holder, most + 1);
    }

    function test_free_ids_are_minted_once() public {
        TestPunks punks = new TestPunks();
        uint256[] memory ids = new uint256[](2);
        (ids[0], ids[1]) = (5, 2 ** 40 - 1);
        punks.mintMany(holder, ids);
        same(punks.ownerOf(2 ** 40 - 1), holder, "the last id");
        vm.expectRevert(abi.encodeWithSelector(TestPunks.IdTooLarge.selector, 2 ** 40));
        punks.mint(holder, 2 ** 40);
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721InvalidSender.selector, address(0)));
        punks.mint(address(this), 5);
    }

    function test_an_altered_token_has_another_fingerprint() public {
        TestPunks punks = new TestPunks();
        punks.mint(holder, 5);
        punks.mint(holder, 6);
        bytes32 before = punks.getStateFingerprint(5);
        holds(before != punks.getStateFingerprint(6), "each token has its own");
        vm.expectRevert(abi.encodeWithSelector(TestPunks.NotOwner.selector, 5));
        punks.alter(5);
        vm.prank(holder);
        punks.alter(5);
        holds(before != punks.getStateFingerprint(5), "altered");
        holds(punks.supportsInterface(0xf5112315) && punks.supportsInterface(0x80ac58cd), "both standards");
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, 7));
        punks.getStateFingerprint(7);
    }

    function test_ether_is_wrapped_one_for_one() public {
        WrappedEther weth = new WrappedEther();
        vm.deal(holder, 3 ether);
        vm.startPrank(holder);
        weth.deposit{value: 2 ether}();
        (bool sent,) = address(weth).call{value: 1 ether}("");
        holds(sent, "sent ether is wrapped too");
        weth.withdraw(3 ether);
        vm.stopPrank();
        same(holder.balance, 3 ether, "all came back");
        same(weth.totalSupply(), 0, "nothing is left");
    }

    function test_ether_goes_to_those_who_take_it() public {
        WrappedEther weth = new WrappedEther();
        vm.deal(address(this), 1 ether);
        weth.deposit{value: 1 ether}();
        vm.expectRevert(WrappedEther.TransferFailed.selector);
        weth.withdraw(1 ether);
    }
}
