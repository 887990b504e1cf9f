#!/usr/bin/env bash
# The clients that strangers use, for tests/clients: in environments of their own, for their pins are not ours.
# Where one cannot be installed the tests that need it say so.
set -uo pipefail
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}
WANTED=tests/clients/requirements.lock
NODE=tests/clients/node

install_python_clients() {
    [ -x .venv-clients/bin/python ] || "$PYTHON" -m venv .venv-clients || return 1
    if .venv/bin/uv --version >/dev/null 2>&1; then
        VIRTUAL_ENV=.venv-clients .venv/bin/uv pip install -q -r "$WANTED"
    else
        .venv-clients/bin/python -m pip install -q --disable-pip-version-check -r "$WANTED"
    fi
}

install_node_client() {
    command -v npm >/dev/null && npm ci --prefix "$NODE" --no-audit --no-fund --loglevel=error >/dev/null
}

install_python_clients || echo "clients: hyperliquid-python-sdk and ccxt could not be installed; their tests are skipped"
install_node_client || echo "clients: @nktkas/hyperliquid could not be installed; its test is skipped"
