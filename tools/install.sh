#!/usr/bin/env bash
# Makes .venv with the locked versions and floorbook itself, editable, its kernel compiled where it can be.
#   PYTHON=python3.12            another interpreter
#   FLOORBOOK_NO_APT=1           never call apt-get, only say what is missing
#   FLOORBOOK_PURE=1             compile nothing
set -euo pipefail
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}
UV_VERSION=0.13.9

main() {
    "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        fail "$PYTHON is missing or older than 3.11: run make with PYTHON=<a newer one>"
    install_debian_packages
    make_venv
    install_packages
    .venv/bin/python tools/check_kernel.py --report
}

# Debian's packages: headers for the kernel, PostgreSQL and Chromium for tests that meet the real thing.
install_debian_packages() {
    local missing
    missing=$(missing_debian_packages)
    [ -n "$missing" ] || return 0
    if may_use_apt; then
        echo "install: getting Debian's $missing"
        # shellcheck disable=SC2086
        (apt_get update && apt_get install -y --no-install-recommends $missing) >/dev/null 2>&1 || true
        missing=$(missing_debian_packages)
    fi
    [ -z "$missing" ] || echo "install: missing, go on without: $missing" \
        "(on Debian: apt-get install $missing)"
}

missing_debian_packages() {
    local missing=()
    python_has "import os, sysconfig as s; assert os.path.exists(s.get_path('include') + '/Python.h')" ||
        missing+=(python3-dev)
    python_has "import ensurepip" || missing+=(python3-venv)
    compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null || command -v initdb >/dev/null ||
        missing+=(postgresql)
    command -v chromium >/dev/null || missing+=(chromium)
    echo "${missing[*]}"
}

python_has() {
    "$PYTHON" -c "$1" 2>/dev/null
}

may_use_apt() {
    [ "${FLOORBOOK_NO_APT:-0}" != 1 ] && command -v apt-get >/dev/null || return 1
    [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}

apt_get() {
    local sudo=(sudo -n)
    [ "$(id -u)" != 0 ] || sudo=()
    timeout 600 "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq -o DPkg::Lock::Timeout=60 "$@" </dev/null
}

make_venv() {
    [ ! -x .venv/bin/python ] || return 0
    "$PYTHON" -m venv .venv ||
        fail "\`$PYTHON -m venv\` failed: apt-get install python3-venv, then remove .venv and try again"
}

# uv is five times faster than pip; pip does the same where uv does not run.
install_packages() {
    echo "install: getting the packages and compiling the kernel, a minute or two"
    local pip=(.venv/bin/python -m pip --disable-pip-version-check)
    .venv/bin/uv --version 2>/dev/null | grep -q " $UV_VERSION" ||
        "${pip[@]}" install -q "uv==$UV_VERSION" 2>/dev/null || echo "install: no uv here, pip goes on alone"
    if .venv/bin/uv --version >/dev/null 2>&1 && VIRTUAL_ENV=.venv sync_with .venv/bin/uv pip; then
        return
    fi
    sync_with "${pip[@]}" || fail "the packages of requirements.lock could not be installed"
}

# No build isolation: the locked setuptools and Cython build the kernel, nothing is fetched twice.
sync_with() {
    "$@" install -q -r requirements.lock &&
        "$@" install -q --no-build-isolation --no-deps -e .
}

fail() {
    echo "install: $*" >&2
    exit 1
}

main
