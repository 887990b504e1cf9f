"""A wallet that announces itself to the page (EIP-6963) and signs what it is shown, hashing it in Python."""

import json
from typing import Any

from playwright.sync_api import Page

from floorbook.pricing.eip712 import Domain, Key, hash_struct

CHAIN_ID = 31_337
RDNS = "test.floorbook.wallet"

ANNOUNCE = """
(() => {
  const info = {
    uuid: '350670db-19fa-4704-a166-e52e178b59d2', name: 'Paper Wallet', rdns: '%s',
    icon: 'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h8v8z"/></svg>',
  };
  const request = async ({ method, params }) => {
    const { result, code, message } = JSON.parse(await askWallet(method, JSON.stringify(params ?? [])));
    if (code) throw Object.assign(new Error(message), { code });
    return result;
  };
  const detail = Object.freeze({ info, provider: { request, on() {} } });
  const announce = () => dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail }));
  addEventListener('eip6963:requestProvider', announce);
  announce();
})();
"""


class BrowserWallet:
    """Its owner's key and what the page asked of it."""

    def __init__(self, page: Page, key: Key) -> None:
        self.key = key
        self.methods: list[str] = []
        self.signed: list[str] = []  # primary types
        self.declines = False
        page.expose_function("askWallet", self._answer)
        page.add_init_script(ANNOUNCE % RDNS)

    @property
    def address(self) -> str:
        return "0x" + self.key.address.hex()

    def _answer(self, method: str, params: str) -> str:
        self.methods.append(method)
        if method in ("eth_requestAccounts", "eth_accounts"):
            return json.dumps({"result": [self.address]})
        if method == "eth_chainId":
            return json.dumps({"result": hex(CHAIN_ID)})
        if method != "eth_signTypedData_v4":
            return json.dumps({"code": 4200, "message": f"no method {method}"})
        if self.declines:
            return json.dumps({"code": 4001, "message": "User rejected the request."})
        address, text = json.loads(params)
        assert address == self.address
        return json.dumps({"result": "0x" + self._sign(json.loads(text)).hex()})

    def _sign(self, data: dict[str, Any]) -> bytes:
        primary, domain = data["primaryType"], data["domain"]
        self.signed.append(primary)
        types = {
            name: tuple((m["name"], m["type"]) for m in members) for name, members in data["types"].items()
        }
        message = {name: _value(kind, data["message"][name]) for name, kind in types[primary]}
        contract = _value("address", domain["verifyingContract"])
        where = Domain(domain["chainId"], contract, domain["name"], domain["version"])
        return self.key.sign(where.digest(hash_struct(types, primary, message)))


def _value(kind: str, told: Any) -> Any:
    """Return a member of the JSON as the hashing wants it."""
    if kind == "address" or kind.startswith("bytes"):
        return bytes.fromhex(told[2:])
    return told if kind in ("string", "bool") else int(told)
