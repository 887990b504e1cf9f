/**
 * "Verify my balance": every step from the leaf to the chain, computed here from the proof file alone.
 *
 *     leaf -> path of siblings with their sums -> root and sums of the batch -> what the operators signed
 *          -> the contract says that this batch is final -> the vault holds what the sums say
 *
 * The exchange is believed in nothing: it only hands over the file.  Spec: docs/spec/settlement.md
 */

import { amount } from "../format/numbers";
import { dateTime } from "../format/time";
import { hexOf } from "../wallet/eip712";
import { signerOf } from "../wallet/key";
import { words } from "./abi";
import { contractOf, fromAtoms } from "./contracts";
import { viewCall, witness } from "./rpc";
import { BATCH_TUPLE, batchDigest, batchValues, depthOf, leafSum, rootOf } from "./tree";
import type { Batch, Leaf, Terms } from "./types";

export interface ProofFile {
  leaf: Leaf;
  siblings: string[];
  batch: Batch;
  signatures?: string[];
}

export interface Finding {
  title: string;
  text: string;
  isGood: boolean;
  /** Numbers to compare with one's own computation. */
  facts: [string, string][];
}

/** Yields one finding a step, and stops behind the first that fails: what follows would prove nothing. */
export async function* verify(terms: Terms, owner: string, proof: ProofFile): AsyncGenerator<Finding> {
  for (const step of [leafStep, pathStep, signatureStep, chainStep, reserveStep]) {
    let found: Finding;
    try {
      found = await step(terms, owner, proof);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      found = { title: "This step could not be computed", text, isGood: false, facts: [] };
    }
    yield found;
    if (!found.isGood) return;
  }
}

function leafStep(terms: Terms, owner: string, { leaf }: ProofFile): Finding {
  const isMine = leaf.owner.toLowerCase() === owner.toLowerCase();
  const claims = terms.assets.map((asset, at) => `${claimText(leaf, at, asset)} ${asset.name}`).join(" and ");
  return {
    title: "Your account",
    isGood: isMine,
    text: isMine
      ? `Account ${leaf.number} is yours and may claim ${claims}${tokenText(leaf)}.${lockedText(terms, leaf)}`
      : `This proof is of ${leaf.owner}, not of your address.`,
    facts: [["Hash of the leaf", hexOf(leafSum(leaf).hash)], ["Owner", leaf.owner], ["Status", statusText(Number(leaf.status))]],
  };
}

/** The claim of an asset, less the debt: one of both is 0. */
function claimText({ lanes }: Leaf, at: number, asset: Terms["assets"][number]): string {
  const net = BigInt(lanes[2 * at] ?? 0) - BigInt(lanes[2 * at + 1] ?? 0);
  return amount(fromAtoms(net, asset));
}

/** Vault shares and profit on hold leave later, or by their vault. */
function lockedText({ assets }: Terms, { locked }: Leaf): string {
  const kept = assets.filter((_, at) => BigInt(locked[at] ?? 0) > 0n);
  const amounts = kept.map((asset) => `${amount(fromAtoms(BigInt(locked[assets.indexOf(asset)] ?? 0), asset))} ${asset.name}`);
  return amounts.length ? ` Not to be had by force, now: ${amounts.join(" and ")}.` : "";
}

const STATUS = ["under margin", "a token on sale", "owes", "the exchange's own", "a token with a claim"];

/** Whoever is one of the first three may demand nothing by contract, whoever has the last no token. */
function statusText(bits: number): string {
  return STATUS.filter((_, at) => (bits >> at) % 2 === 1).join(", ") || "free";
}

function tokenText({ tokens, positions }: Leaf): string {
  const held = tokens.length ? `, and keeps ${tokens.length} token${tokens.length > 1 ? "s" : ""}` : "";
  return positions.length ? `${held}, with ${positions.length} open position${positions.length > 1 ? "s" : ""} at the mark` : held;
}

function pathStep(_terms: Terms, _owner: string, { leaf, siblings, batch }: ProofFile): Finding {
  const root = rootOf(leafSum(leaf), Number(leaf.number), siblings);
  const hasDepth = siblings.length === depthOf(batch.accounts) && BigInt(leaf.number) < BigInt(batch.accounts);
  const isRoot = hexOf(root.hash) === batch.accountsRoot.toLowerCase();
  const hasSums = root.lanes.every((lane, at) => lane === BigInt(batch.sums[at] ?? -1));
  return {
    title: "The path to the root",
    isGood: hasDepth && isRoot && hasSums,
    text: !hasDepth ? "The path has another length than a tree of so many accounts."
      : !isRoot ? "The path ends at another root than the batch names: this account is not part of it."
        : !hasSums ? "The sums along the path are not those of the batch."
          : `${siblings.length} steps through ${batch.accounts} accounts end at the batch's root, and all claims and debts add up to its sums.`,
    facts: [
      ["Root computed here", hexOf(root.hash)], ["Root of the batch", batch.accountsRoot],
      ["Sums computed here [atoms]", root.lanes.join(", ")], ["Sums of the batch [atoms]", batch.sums.join(", ")],
    ],
  };
}

/** Who is an operator, and how many must sign, is the contract's word, not the exchange's. */
async function signatureStep(terms: Terms, _owner: string, { batch, signatures = [] }: ProofFile): Promise<Finding> {
  const settlement = contractOf(terms, "Settlement");
  const { ask } = await witness(terms.chainId);
  const digest = batchDigest(batch, terms.chainId, settlement);
  const signers = [...new Set(signatures.map((signature) => signerOf(digest, signature)))].filter((signer) => signer !== undefined);
  const [quorum, ...answers] = await Promise.all([
    ask(viewCall(settlement, "quorum()")), ...signers.map((signer) => ask(viewCall(settlement, "isOperator(address)", [signer]))),
  ]);
  const [threshold = 1n, count = 0n] = words(String(quorum));
  const operators = signers.filter((_, at) => BigInt(String(answers[at])) === 1n);
  return {
    title: "The operators' signatures",
    isGood: operators.length >= threshold,
    text: `${operators.length} of ${count} operators signed batch ${batch.number} of ${dateTime(Number(batch.time) * 1_000)}; ${threshold} must.`,
    facts: [["What they signed", hexOf(digest)], ...operators.map((signer): [string, string] => ["Signed by", signer])],
  };
}

async function chainStep(terms: Terms, _owner: string, { batch }: ProofFile): Promise<Finding> {
  const settlement = contractOf(terms, "Settlement");
  const { name, ask } = await witness(terms.chainId);
  const answer = await ask(viewCall(settlement, `isFinal(${BATCH_TUPLE})`, [batchValues(batch)]));
  const isGood = BigInt(String(answer)) === 1n;
  return {
    title: "The chain",
    isGood,
    text: isGood
      ? `The contract has exactly this batch, and nobody can take it back any more. Asked through ${name}.`
      : "The contract does not know this batch as final.",
    facts: [["Settlement contract", settlement], ["Chain", `${terms.chainId}`]],
  };
}

/** claims - debts + what was debited for payouts = what the vault received up to the batch, or less than that. */
async function reserveStep(terms: Terms, _owner: string, { batch }: ProofFile): Promise<Finding> {
  const vault = contractOf(terms, "Vault");
  const { ask } = await witness(terms.chainId);
  const received = await Promise.all(terms.assets.map(({ number }) => ask(viewCall(vault, "received(uint32)", [number]))));
  const lines = terms.assets.map((asset, at) => {
    const owed = BigInt(batch.sums[2 * at] ?? 0) - BigInt(batch.sums[2 * at + 1] ?? 0) + BigInt(batch.withdrawn[at] ?? 0);
    return { asset, owed, received: BigInt(String(received[at])) };
  });
  return {
    title: "The reserves",
    isGood: lines.every((line) => line.owed <= line.received),
    text: lines.map(({ asset, owed, received: all }) =>
      `${amount(fromAtoms(all, asset))} ${asset.name} ever came into the vault, ${amount(fromAtoms(owed, asset))} of it is claimed or has left`).join("; ") + ".",
    facts: lines.map(({ asset, owed, received: all }): [string, string] => [`${asset.name}: claims - debts + withdrawn ≤ received [atoms]`, `${owed} ≤ ${all}`]),
  };
}
