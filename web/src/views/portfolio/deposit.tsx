/** Deposit: what is to be signed, one by one, until the exchange has credited it. */

import { useEffect, useState } from "preact/hooks";
import { refreshAll } from "../../api/live";
import { type Deposit, type Step, depositSteps, fromAtoms, isCoin, sequenceOf, toAtoms } from "../../chain/contracts";
import { useChain } from "../../chain/hooks";
import { Hash, type Progress, StepLine } from "../../chain/steps";
import type { Chain, ChainAsset, ChainCollection } from "../../chain/types";
import { amount } from "../../format/numbers";
import { Button, Dialog, Field, toast } from "../../ui";

const GAS_RESERVE = 2_000_000n; // [atoms] 0.002 ETH stay for gas

export type Target = { asset: ChainAsset; balance: bigint } | { collection: ChainCollection; token: number };

interface Line {
  title: string;
  progress: Progress;
  note?: string;
  hash?: string;
}

export function DepositDialog({ chain, address, target, onClose }: { chain: Chain; address: string; target: Target; onClose: () => void }) {
  const [text, setText] = useState("");
  const [lines, setLines] = useState<Line[]>([]);
  const [sequence, setSequence] = useState<number>();
  const isMoney = "asset" in target;
  const name = isMoney ? target.asset.name : `${target.collection.name} ${target.token}`;
  const error = isMoney ? amountFault(text, target) : "";
  const isRunning = lines.some(({ progress }) => progress === "doing");
  const run = async () => {
    const deposit: Deposit = isMoney
      ? { kind: "money", asset: target.asset, atoms: toAtoms(text, target.asset) ?? 0n }
      : { kind: "token", collection: target.collection, token: target.token };
    const steps = depositSteps(chain.terms, address, deposit);
    try {
      setSequence(await runSteps(steps, setLines));
    } catch (fault) {
      toast(fault instanceof Error ? fault.message : String(fault), "bad");
    }
  };
  return (
    <Dialog title={`Deposit ${name}`} onClose={onClose} testid="deposit-dialog">
      {isMoney && (
        <Field label="Amount" value={text} onInput={setText} unit={target.asset.name} testid="deposit-amount" disabled={lines.length > 0}
          error={text ? error : null} hint={`In your wallet: ${amount(fromAtoms(atomsOf(target), target.asset), target.asset.name)}`}>
          <button type="button" class="field-action" onClick={() => setText(fromAtoms(mostOf(target), target.asset))}>All</button>
        </Field>
      )}
      <p class="dim">{explain(target, chain.terms.confirmations)}</p>
      {lines.length > 0 && (
        <ol class="steps" data-testid="deposit-steps">
          {lines.map((line, at) => (
            <StepLine key={line.title} at={at + 1} progress={line.progress} title={line.title}>
              {line.note && <p>{line.note}</p>}
              {line.hash && <p class="dim">Transaction <Hash value={line.hash} /></p>}
            </StepLine>
          ))}
          <Credited at={lines.length + 1} sequence={sequence} />
        </ol>
      )}
      {!lines.length || lines.some(({ progress }) => progress === "failed")
        ? <Button tone="primary" testid="deposit-send" disabled={Boolean(error)} onClick={run}>Deposit</Button>
        : <Button testid="deposit-close" disabled={isRunning} onClick={onClose}>Close</Button>}
    </Dialog>
  );
}

/** The last step is the exchange's: it credits once so many blocks stand on the deposit. */
function Credited({ at, sequence }: { at: number; sequence: number | undefined }) {
  const chain = useChain();
  const credited = chain?.adapter.depositSequence ?? 0;
  const isDone = sequence !== undefined && credited >= sequence;
  useEffect(() => {
    if (isDone) refreshAll();
  }, [isDone]);
  const progress = isDone ? "done" : sequence === undefined ? "todo" : "doing";
  return (
    <StepLine at={at} progress={progress} title="Credited by the exchange" testid="deposit-credited">
      <p>
        {isDone ? `Deposit ${sequence} is in your account.`
          : sequence === undefined ? `After ${chain?.terms.confirmations ?? "some"} more blocks.`
            : `Deposit ${sequence} waits for ${chain?.terms.confirmations ?? "some"} blocks upon it.`}
      </p>
    </StepLine>
  );
}

async function runSteps(steps: Step[], show: (lines: Line[]) => void): Promise<number | undefined> {
  const lines: Line[] = steps.map(({ title }) => ({ title, progress: "todo" }));
  let sequence: number | undefined;
  for (const [at, step] of steps.entries()) {
    lines[at] = { title: step.title, progress: "doing", note: "Sign it, then a block must take it." };
    show([...lines]);
    try {
      const receipt = await step.run();
      lines[at] = { title: step.title, progress: "done", hash: receipt.transactionHash };
      sequence = sequenceOf(receipt) ?? sequence;
    } catch (fault) {
      lines[at] = { title: step.title, progress: "failed", note: fault instanceof Error ? fault.message : String(fault) };
      show([...lines]);
      throw fault;
    }
    show([...lines]);
  }
  return sequence;
}

const atomsOf = ({ asset, balance }: { asset: ChainAsset; balance: bigint }): bigint => balance / BigInt(asset.unit);

/** Gas is paid in ETH, so some of it stays. */
function mostOf(target: { asset: ChainAsset; balance: bigint }): bigint {
  const most = atomsOf(target) - (isCoin(target.asset) ? GAS_RESERVE : 0n);
  return most > 0n ? most : 0n;
}

function amountFault(text: string, target: { asset: ChainAsset; balance: bigint }): string {
  const atoms = toAtoms(text, target.asset);
  if (atoms === undefined) return "Write a plain number, like 1.5, of at most so many decimals as the exchange counts.";
  if (atoms <= 0n) return "Write an amount above zero.";
  return atoms > atomsOf(target) ? "More than your wallet has." : "";
}

function explain(target: Target, confirmations: number): string {
  const after = `The exchange credits it after ${confirmations} blocks.`;
  if ("asset" in target && isCoin(target.asset)) return `One transaction moves it into the vault, a contract that pays only what a signed batch owes. ${after}`;
  const what = "asset" in target ? "exactly this amount" : "exactly this token";
  return `Two transactions: the first lets the vault take ${what} and nothing else, the second moves it there. ${after}`;
}
