#!/usr/bin/env bash
# Runs Slither over contracts/src and compares what it finds with the table in docs/security.md: `make audit`.
# An outside check: its environment is its own, and neither `make test` nor the package knows it.
set -euo pipefail
cd "$(dirname "$0")/.."
VENV=.venv-slither
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

main() {
    if [ ! -x contracts/node_modules/.bin/forge ]; then
        echo "audit: the contracts' packages are missing: make contracts" >&2
        exit 1
    fi
    if [ ! -x "$VENV/bin/slither" ]; then
        "${PYTHON:-python3}" -m venv "$VENV"
        "$VENV/bin/pip" install -q -r tools/audit.requirements.txt
    fi
    cd contracts
    export PATH="$PWD/node_modules/.bin:$PATH"
    forge build --build-info --skip 'test/**' --force --out "$WORK/out" --cache-path "$WORK/cache" --quiet
    # Slither's own exit code counts findings, known ones too: the comparison decides.
    "../$VENV/bin/slither" . --foundry-ignore-compile --foundry-out-directory "$WORK/out" \
        --filter-paths 'node_modules|test-tokens' --json "$WORK/found.json" >"$WORK/log" 2>&1 || true
    if [ ! -s "$WORK/found.json" ]; then
        tail -n 20 "$WORK/log" >&2
        exit 1
    fi
    "${PYTHON:-python3}" ../tools/audit_findings.py "$WORK/found.json"
}

main
