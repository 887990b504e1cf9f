/** "Verify my balance": the steps from one's own leaf to the chain, computed here. */

import { useState } from "preact/hooks";
import { info } from "../../api/http";
import { StepLine } from "../../chain/steps";
import { type Finding, type ProofFile, verify } from "../../chain/verify";
import type { Chain } from "../../chain/types";
import { Button, Card, Explain, Notice } from "../../ui";

interface Answer {
  proof: ProofFile | null;
  reason: string;
}

export function MyBalance({ chain, address }: { chain: Chain; address: string }) {
  const [findings, setFindings] = useState<Finding[]>([]);
  const [proof, setProof] = useState<ProofFile>();
  const [trouble, setTrouble] = useState("");
  const [isBusy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    setFindings([]);
    setTrouble("");
    try {
      const answer = await info<Answer>({ type: "accountProof", user: address });
      setProof(answer.proof ?? undefined);
      setTrouble(answer.reason);
      if (answer.proof) for await (const found of verify(chain.terms, address, answer.proof)) setFindings((all) => [...all, found]);
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error));
    }
    setBusy(false);
  };
  const isProved = !isBusy && findings.length > 0 && findings.every(({ isGood }) => isGood);
  return (
    <Card
      title="Verify my balance" testid="my-balance"
      explain={<Explain title="What is proved?">That your account with this claim is part of the sums that the operators signed and the contract accepted. The exchange hands over the file; every hash, sum and signature is computed in this page, and the contract is asked whether it knows the result.</Explain>}
    >
      <p class="dim">Your leaf, its path to the root, the operators' signatures and the contract: five steps, nothing believed.</p>
      {findings.length > 0 && (
        <ol class="steps" data-testid="verify-steps">
          {findings.map(({ title, text, isGood, facts }, at) => (
            <StepLine key={title} at={at + 1} progress={isGood ? "done" : "failed"} title={title} testid={`verify-step-${at + 1}`}>
              <p>{text}</p>
              {facts.length > 0 && (
                <details>
                  <summary>The numbers</summary>
                  <dl class="facts">{facts.map(([name, value]) => <div key={name + value}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
                </details>
              )}
            </StepLine>
          ))}
        </ol>
      )}
      <div role="status" data-testid="verify-verdict">
        {isProved && <Notice tone="good">Proved: your balance is in what the chain has accepted. Keep the file: with it you can leave by contract alone.</Notice>}
        {findings.some(({ isGood }) => !isGood) && <Notice tone="bad">This does not add up. Keep the file and ask the operator; withdraw while you can.</Notice>}
        {trouble && <Notice tone="warn">{trouble}</Notice>}
      </div>
      <div class="row">
        <Button tone="primary" testid="verify-balance" isBusy={isBusy} onClick={run}>{findings.length ? "Verify again" : "Verify my balance"}</Button>
        {proof && <Button testid="proof-download" onClick={() => download(proof)}>Keep the proof file</Button>}
      </div>
    </Card>
  );
}

function download(proof: ProofFile): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([`${JSON.stringify(proof, null, 1)}\n`], { type: "application/json" }));
  link.download = `floorbook-proof-${proof.leaf.number}-batch-${proof.batch.number}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1_000);
}
