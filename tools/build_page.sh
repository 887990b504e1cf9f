#!/usr/bin/env bash
# Builds the page (web/README.md) into the package.  Without Node, or without its packages, it says so and
# leaves the server to run without a page.
#   FLOORBOOK_NO_PAGE=1          do not even try
set -euo pipefail
cd "$(dirname "$0")/.."
OUT=src/floorbook/web
NODE_OLDEST=20.19

main() {
    mkdir -p "$OUT"
    if why=$(why_not); then
        echo "install: the page is not built: $why"
        touch "$OUT/built" # asked again when its sources change, or by: rm -r $OUT
        return
    fi
    cd web
    if ! are_packages_there && ! npm ci --no-audit --no-fund --loglevel=error >/dev/null; then
        echo "install: the page is not built: npm ci failed"
        return
    fi
    cp package-lock.json node_modules/.floorbook-lock
    npm run --silent build -- --logLevel warn
    touch "../$OUT/built"
}

why_not() {
    if [ "${FLOORBOOK_NO_PAGE:-0}" = 1 ]; then
        echo "FLOORBOOK_NO_PAGE is set"
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

main
