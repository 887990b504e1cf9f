/** A secp256k1 secret in the browser: the visitor's demo key, or the agent that a wallet has approved. */

import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import * as secp256k1 from "@noble/secp256k1";
import type { Signature } from "../api/http";
import { bytesOf, hexOf } from "./eip712";

secp256k1.hashes.sha256 = sha256;
secp256k1.hashes.hmacSha256 = (key, message) => hmac(sha256, key, message);

export interface Key {
  address: string;
  secret: string;
  sign: (digest: Uint8Array) => Signature;
}

export function newKey(): Key {
  return keyOf(hexOf(secp256k1.utils.randomSecretKey()));
}

export function keyOf(secret: string): Key {
  const bytes = bytesOf(secret);
  return { address: addressOf(secp256k1.getPublicKey(bytes, false)), secret, sign: (digest) => sign(bytes, digest) };
}

/** RFC 6979, low s; v is 27 or 28. */
function sign(secret: Uint8Array, digest: Uint8Array): Signature {
  const bytes = secp256k1.sign(digest, secret, { prehash: false, format: "recovered" });
  return { r: hexOf(bytes.slice(1, 33)), s: hexOf(bytes.slice(33, 65)), v: 27 + (bytes[0] ?? 0) };
}

function addressOf(uncompressed: Uint8Array): string {
  return hexOf(keccak_256(uncompressed.slice(1)).slice(-20));
}

/** Who signed a digest with these 65 bytes; undefined if nobody can have. */
export function signerOf(digest: Uint8Array, signature: string): string | undefined {
  const bytes = bytesOf(signature);
  const recovered = Uint8Array.of((bytes[64] ?? 0) % 27, ...bytes.slice(0, 64));
  try {
    const point = secp256k1.recoverPublicKey(recovered, digest, { prehash: false });
    return addressOf(secp256k1.Point.fromBytes(point).toBytes(false));
  } catch {
    return undefined;
  }
}

/** A wallet's 65 bytes as the three numbers of the wire. */
export function splitSignature(hex: string): Signature {
  const bytes = bytesOf(hex);
  const v = bytes[64] ?? 0;
  return { r: hexOf(bytes.slice(0, 32)), s: hexOf(bytes.slice(32, 64)), v: v < 27 ? v + 27 : v };
}
