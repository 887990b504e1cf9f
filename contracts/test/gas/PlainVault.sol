// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";

/// @title PlainVault: the least that holds deposits, takes a root and pays against it
/// @notice What the gas table compares with: no delays, limits, signatures, sums, credits or exits.
contract PlainVault {
    using BitMaps for BitMaps.BitMap;

    address public immutable operator = msg.sender;
    mapping(address owner => mapping(address token => uint256)) public balances;
    mapping(address token => mapping(uint256 id => address)) public owners;
    mapping(uint256 batch => bytes32) public roots;
    uint256 public last;
    BitMaps.BitMap private _done;

    event Deposited(address indexed owner, address indexed token, uint256 value);
    event Posted(uint256 indexed batch, bytes32 root);
    event Paid(address indexed owner, address indexed token, uint256 value);

    function depositEther() external payable {
        balances[msg.sender][address(0)] += msg.value;
        emit Deposited(msg.sender, address(0), msg.value);
    }

    function depositMoney(IERC20 token, uint256 amount) external {
        balances[msg.sender][address(token)] += amount;
        require(token.transferFrom(msg.sender, address(this), amount));
        emit Deposited(msg.sender, address(token), amount);
    }

    function depositToken(IERC721 token, uint256 id) external {
        owners[address(token)][id] = msg.sender;
        token.transferFrom(msg.sender, address(this), id);
        emit Deposited(msg.sender, address(token), id);
    }

    function post(bytes32 root) external {
        require(msg.sender == operator);
        roots[++last] = root;
        emit Posted(last, root);
    }

    function withdraw(
        uint256 batch,
        uint256 index,
        address owner,
        address token,
        uint256 value,
        bool isToken,
        bytes32[] calldata siblings
    ) external {
        bytes32 hash = keccak256(abi.encode(index, owner, token, value, isToken));
        for (uint256 i = 0; i < siblings.length; ++i) {
            hash = (index >> i) & 1 == 0
                ? keccak256(abi.encode(hash, siblings[i]))
                : keccak256(abi.encode(siblings[i], hash));
        }
        require(hash == roots[batch] && !_done.get(index));
        _done.set(index);
        if (isToken) IERC721(token).transferFrom(address(this), owner, value);
        else if (token != address(0)) require(IERC20(token).transfer(owner, value));
        else payable(owner).transfer(value);
        emit Paid(owner, token, value);
    }
}
