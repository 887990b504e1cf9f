"""Adapters of reports: quorums, deviations, growth, and the signatures of EIP-712."""

from fractions import Fraction

from floorbook.core.rules import reports
from floorbook.pricing.eip712 import ORDER, Domain, Key, Types, hash_struct, keccak256, recover, type_hash
from floorbook.units import DAY_NS, PPB_ONE
from tests.vectors.registry import Inputs, adopts

GWEI = 10**9
MAIL: Types = {
    "Person": (("name", "string"), ("wallet", "address")),
    "Mail": (("from", "Person"), ("to", "Person"), ("contents", "string")),
}
COW = keccak256(b"cow")
DIGEST = bytes.fromhex("be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2")


# ---- nft_04 -------------------------------------------------------------------------------------


@adopts("nft_04_oracle", "OCR quorum")
def outvotes(case: Inputs) -> object:
    return reports.outvotes(case["observations"], case["f"])


@adopts("nft_04_oracle", "OCR deviation")
def deviates(case: Inputs) -> object:
    return reports.deviates(case["old"], case["new"], case["alphaPPB"])


@adopts("nft_04_oracle", "papr price growth")
def growth(case: Inputs) -> object:
    assert Fraction(case["rate"]) * PPB_ONE == reports.RISE_PPB_PER_DAY
    assert case["cap_days"] * DAY_NS == reports.RISE_BANKED_NS
    days = case["days"] * DAY_NS
    return Fraction(reports.grown(case["last"] * GWEI, 0, case["new"] * GWEI, days).value, GWEI)


# ---- nft_09 -------------------------------------------------------------------------------------


def _person(text: str) -> dict[str, object]:
    name, wallet = text.split()
    return {"name": name, "wallet": bytes.fromhex(wallet.removeprefix("0x"))}


def _mail(case: Inputs) -> dict[str, object]:
    said = case["message"]
    return {"from": _person(said["from_"]), "to": _person(said["to"]), "contents": said["contents"]}


def _domain(case: Inputs) -> Domain:
    said = case["domain"]
    contract = bytes.fromhex(said["verifyingContract"].removeprefix("0x"))
    return Domain(said["chainId"], contract, said["name"], said["version"])


def _address(address: bytes | None) -> str:
    assert address is not None
    return "0x" + address.hex()


@adopts("nft_09_signed_reports", "EIP-712 keccak256 of empty")
def empty_hash(_: Inputs) -> object:
    return keccak256(b"").hex()


@adopts("nft_09_signed_reports", "EIP-712 type hash Mail")
def mail_type(_: Inputs) -> object:
    return type_hash(MAIL, "Mail").hex()


@adopts("nft_09_signed_reports", "EIP-712 hashStruct Person Bob")
def person_hash_of_bob(case: Inputs) -> object:
    return hash_struct(MAIL, "Person", _person(case["message"]["to"])).hex()


@adopts("nft_09_signed_reports", "EIP-712 hashStruct Person Cow")
def person_hash_of_cow(case: Inputs) -> object:
    return hash_struct(MAIL, "Person", _person(case["message"]["from_"])).hex()


@adopts("nft_09_signed_reports", "EIP-712 keccak of contents")
def contents_hash(case: Inputs) -> object:
    return keccak256(case["message"]["contents"].encode()).hex()


@adopts("nft_09_signed_reports", "EIP-712 hashStruct Mail")
def mail_hash(case: Inputs) -> object:
    return hash_struct(MAIL, "Mail", _mail(case)).hex()


@adopts("nft_09_signed_reports", "EIP-712 domain separator")
def separator(case: Inputs) -> object:
    return _domain(case).separator.hex()


@adopts("nft_09_signed_reports", "EIP-712 digest")
def digest(case: Inputs) -> object:
    return _domain(case).digest(hash_struct(MAIL, "Mail", _mail(case))).hex()


@adopts("nft_09_signed_reports", "private key")
def address_of_cow(_: Inputs) -> object:
    return [COW.hex(), _address(Key(COW).address)]


@adopts("nft_09_signed_reports", "EIP-712 signature")
def signature(case: Inputs) -> object:
    signed = Key(COW).sign(bytes.fromhex(case["digest"]))
    return [signed[:32].hex(), signed[32:64].hex(), signed[64]]


@adopts("nft_09_signed_reports", "EIP-712 recover")
def signer(case: Inputs) -> object:
    packed = bytes.fromhex(case["r"] + case["s"]) + bytes([case["v"]])
    return _address(recover(bytes.fromhex(case["digest"]), packed))


@adopts("nft_09_signed_reports", "same message on chain 5")
def other_chain(case: Inputs) -> object:
    contract = bytes.fromhex("CcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC")
    cow, bob = (
        _person("Cow 0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"),
        _person("Bob 0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"),
    )
    mail = hash_struct(MAIL, "Mail", {"from": cow, "to": bob, "contents": "Hello, Bob!"})
    here, there = (Domain(chain, contract, "Ether Mail") for chain in (1, case["chainId"]))
    assert here.digest(mail) == DIGEST
    key = Key(COW)
    return recover(there.digest(mail), key.sign(here.digest(mail))) != key.address


@adopts("nft_09_signed_reports", "malleable")
def twin(case: Inputs) -> object:
    """The twin names the same signer, and therefore must be nobody's here."""
    s = int(case["s"], 16)
    r = Key(COW).sign(DIGEST)[:32]
    assert recover(DIGEST, r + s.to_bytes(32) + bytes([case["v"]])) is None
    return _address(recover(DIGEST, r + (ORDER - s).to_bytes(32) + bytes([55 - case["v"]])))
