"""What Solidity and Python must agree on to the last digit."""
