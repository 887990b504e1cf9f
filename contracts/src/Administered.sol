// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Administered: an owner who can only do what was announced long enough before
/// @notice Every power of the admin is a key with bounds. A change is proposed, waits `delay` seconds where
/// all can see it, and is executed within GRACE; the guardian may cancel it. The admin's own office changes
/// the same way, and the heir must accept. There is no other door: no upgrade, no call to any address.
/// How it is stopped: the contracts that inherit this say so.
abstract contract Administered {
    /// @param readyAt when it may be executed [s]; 0: nothing is proposed
    /// @param value what it will be; an address as its number
    struct Change {
        uint192 readyAt;
        uint256 value;
    }

    /// @notice the shortest delay, save on a test chain [s]
    uint256 public constant DELAY_MIN = 2 days;
    /// @notice the longest delay [s]
    uint256 public constant DELAY_MAX = 30 days;
    /// @notice how long a ready change may still be executed [s]
    uint256 public constant GRACE = 14 days;
    /// @notice the chain of local tests, where delays may be short
    uint256 public constant TEST_CHAIN = 31_337;

    bytes32 public constant ADMIN = "admin";
    bytes32 public constant GUARDIAN = "guardian";

    /// @notice from proposal to execution [s]
    uint256 public immutable delay;

    /// @notice who proposes and executes; has no power without delay
    address public admin;
    /// @notice who becomes admin by accepting; zero: nobody
    address public heir;
    /// @notice who may pause and cancel, never take
    address public guardian;
    /// @notice what is proposed for each key
    mapping(bytes32 key => Change) public changes;

    event Proposed(bytes32 indexed key, uint256 value, uint256 readyAt);
    event Cancelled(bytes32 indexed key);
    event Executed(bytes32 indexed key, uint256 value);
    event AdminChanged(address indexed admin);

    error NotAdmin();
    error NotGuardian();
    error NotHeir();
    error UnknownKey(bytes32 key);
    error OutOfBounds(uint256 value, uint256 low, uint256 high);
    error NothingProposed(bytes32 key);
    error TooEarly(uint256 readyAt);
    error TooLate(uint256 until);

    modifier onlyAdmin() {
        if (msg.sender != admin) revert NotAdmin();
        _;
    }

    modifier onlyGuardian() {
        if (msg.sender != guardian) revert NotGuardian();
        _;
    }

    /// @param guardian_ may pause and cancel from the first block on; better somebody else than the admin
    /// @param delay_ from proposal to execution [s]
    constructor(address admin_, address guardian_, uint256 delay_) {
        if (admin_ == address(0) || guardian_ == address(0)) revert OutOfBounds(0, 1, type(uint160).max);
        uint256 low = block.chainid == TEST_CHAIN ? 0 : DELAY_MIN;
        if (delay_ < low || delay_ > DELAY_MAX) revert OutOfBounds(delay_, low, DELAY_MAX);
        delay = delay_;
        admin = admin_;
        guardian = guardian_;
        emit AdminChanged(admin_);
    }

    /// @notice announce a change; a second proposal for the key replaces the first and waits anew
    function propose(bytes32 key, uint256 value) external onlyAdmin {
        _requireWithin(key, value);

        uint256 readyAt = block.timestamp + delay;
        changes[key] = Change(uint192(readyAt), value);
        emit Proposed(key, value, readyAt);
    }

    /// @notice withdraw a proposal; the admin thinks again, or the guardian objects
    function cancel(bytes32 key) external {
        if (msg.sender != admin && msg.sender != guardian) revert NotAdmin();
        if (changes[key].readyAt == 0) revert NothingProposed(key);

        delete changes[key];
        emit Cancelled(key);
    }

    /// @notice let a proposal happen that has waited long enough
    function execute(bytes32 key) external onlyAdmin {
        uint256 value = _take(key);
        _requireWithin(key, value); // the bounds may have moved meanwhile

        if (key == ADMIN) heir = address(uint160(value));
        else if (key == GUARDIAN) guardian = address(uint160(value));
        else _apply(key, value);
    }

    /// @notice second step of a new admin: it shows that it can sign
    function acceptAdmin() external {
        if (msg.sender != heir) revert NotHeir();

        admin = heir;
        heir = address(0);
        emit AdminChanged(admin);
    }

    /// @dev bounds of a key of the inheriting contract, low and high, both included; UnknownKey for any other
    function _bounds(bytes32 key) internal view virtual returns (uint256, uint256) {
        revert UnknownKey(key);
    }

    /// @dev write the value of a key of the inheriting contract; it is within its bounds
    function _apply(bytes32 key, uint256) internal virtual {
        revert UnknownKey(key);
    }

    /// @dev the value proposed for the key, which is used up
    function _take(bytes32 key) internal returns (uint256 value) {
        uint256 readyAt = changes[key].readyAt;
        if (readyAt == 0) revert NothingProposed(key);
        if (block.timestamp < readyAt) revert TooEarly(readyAt);
        if (block.timestamp > readyAt + GRACE) revert TooLate(readyAt + GRACE);

        value = changes[key].value;
        delete changes[key];
        emit Executed(key, value);
    }

    function _requireWithin(bytes32 key, uint256 value) private view {
        (uint256 low, uint256 high) =
            key == ADMIN || key == GUARDIAN ? (1, uint256(type(uint160).max)) : _bounds(key);
        if (value < low || value > high) revert OutOfBounds(value, low, high);
    }
}
