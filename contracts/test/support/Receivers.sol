// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

/// @title Takes no ether until it is told to
contract Refuser {
    bool private open;

    receive() external payable {
        require(open);
    }

    function relent() external {
        open = true;
    }

    function call(address to, bytes calldata data) external {
        (bool done, bytes memory why) = to.call(data);
        if (done) return;
        assembly ("memory-safe") {
            revert(add(why, 0x20), mload(why))
        }
    }
}

/// @title Burns all the gas that it is given
contract Burner {
    receive() external payable {
        while (true) {}
    }
}

/// @title Calls back whatever it was told to when ether arrives, and keeps what came of it
contract Reenterer {
    address private target;
    bytes private data;
    bool public tried;
    bool public succeeded;

    function aim(address target_, bytes calldata data_) external {
        (target, data) = (target_, data_);
    }

    receive() external payable {
        if (target == address(0)) return;
        tried = true;
        (succeeded,) = target.call(data);
    }
}

/// @title Sends itself as a last breath, so that a contract cannot refuse it
contract Bomb {
    constructor(address payable to) payable {
        selfdestruct(to);
    }
}

/// @title A coin that keeps a percent, and will not pay some
contract FeeCoin is ERC20("Fee coin", "FEE") {
    uint256 private immutable fee;
    address public blocked;

    constructor(uint256 percent) {
        fee = percent;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function setBlocked(address who) external {
        blocked = who;
    }

    function _update(address from, address to, uint256 amount) internal override {
        require(to == address(0) || to != blocked);
        super._update(from, to, amount);
        if (fee != 0 && from != address(0)) super._update(to, address(0xFEE), amount * fee / 100);
    }
}

/// @title A collection whose transfers can be stopped, and which calls its receiver back
contract StubbornPunks is ERC721("Stubborn punks", "STUB") {
    bool private stopped;
    address private victim;
    bytes private call;
    bool public succeeded;

    function mint(address to, uint256 id) external {
        _mint(to, id);
    }

    function setStopped(bool stopped_) external {
        stopped = stopped_;
    }

    function aim(address victim_, bytes calldata call_) external {
        (victim, call) = (victim_, call_);
    }

    function _update(address to, uint256 id, address auth) internal override returns (address) {
        require(!stopped);
        if (victim != address(0)) (succeeded,) = victim.call(call);
        return super._update(to, id, auth);
    }
}

/// @title Says that it moved a token and keeps it
contract LyingPunks is ERC721("Lying punks", "LIE") {
    function mint(address to, uint256 id) external {
        _mint(to, id);
    }

    function transferFrom(address, address, uint256) public override {}
}
