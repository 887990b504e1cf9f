#!/usr/bin/env bash
# Builds the contracts (contracts/README.md) and writes what deploys them, abi and bytecode, into the package.
# Without Node it says so; the exchange then runs without a chain.
#   FLOORBOOK_NO_CHAIN=1         do not even try
set -euo pipefail
cd "$(dirname "$0")/.."
ARTIFACTS=src/floorbook/chain/artifacts
NODE_OLDEST=20.19

main() {
    mkdir -p "$ARTIFACTS"
    if why=$(why_not); then
        echo "install: the contracts are not built: $why"
        touch "$ARTIFACTS/built" # asked again when their sources change, or by: rm -r $ARTIFACTS
        return
    fi
    cd contracts
    if ! are_packages_there && ! get_packages; then
        echo "install: the contracts are not built: npm ci failed"
        return
    fi
    if ! node_modules/.bin/forge --version >/dev/null 2>&1; then
        echo "install: the contracts are not built: forge does not run here"
        return
    fi
    echo "install: compiling the contracts, a minute"
    node_modules/.bin/forge build --skip test --quiet
    node tools/artifacts.mjs out "../$ARTIFACTS"
    touch "../$ARTIFACTS/built"
}

why_not() {
    if [ "${FLOORBOOK_NO_CHAIN:-0}" = 1 ]; then
        echo "FLOORBOOK_NO_CHAIN is set"
    elif ! command -v node >/dev/null || ! command -v npm >/dev/null; then
        echo "node and npm are missing (Node $NODE_OLDEST or newer)"
    elif ! node -e "const [a,b]=process.versions.node.split('.').map(Number), [c,d]='$NODE_OLDEST'.split('.').map(Number); process.exit(a>c||a===c&&b>=d?0:1)"; then
        echo "Node $(node --version) is older than $NODE_OLDEST"
    else
        return 1
    fi
}

# The packages of another lock file are no use; those of this one need no second download.
are_packages_there() {
    cmp -s package-lock.json node_modules/.floorbook-lock
}

# Called in a condition, where `set -e` does not hold: the lock is noted only once its packages are there.
get_packages() {
    npm ci --no-audit --no-fund --loglevel=error >/dev/null &&
        cp package-lock.json node_modules/.floorbook-lock
}

main
