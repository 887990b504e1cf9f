/** Answers for newcomers, in the order in which the questions come. */

import type { ComponentChildren } from "preact";
import { Card } from "../../ui";

export function Guide() {
  return (
    <Card title="How it works" testid="collateral-guide">
      <div class="guide">
        <Question title="Do I keep my NFT?">
          Yes. It lies in the vault under your name and stays yours. Pledged, it counts for your account; released, it can leave.
        </Question>
        <Question title="Why does it count less than it is worth?">
          That is the haircut. If it had to be sold within hours, it would not bring its full price, and the price moves
          meanwhile. Blue chips lend up to 50 % and are sold above 65 %; others less. A wilder market or thinner bids lower it,
          for open accounts over seven days.
        </Question>
        <Question title="Why P10 and not the likely price?">
          An appraisal is a guess with an error. The 10th percentile is the price that nine of ten such sales beat: a loan on
          it survives a guess that was too high. A rare token counts at most a quarter above its collection's value.
        </Question>
        <Question title="What is health?">
          What backs your debt, divided by your debt. Above 1 nothing happens. Below 1, for a minute without a break, the sale
          begins, even if you have no position.
        </Question>
        <Question title="What happens in a sale?">
          Your other money is used first, then positions are closed, tokens come last, and only as many as needed. The price
          falls from above the appraisal to 70 % of the value over six hours. You can take the token back until somebody
          buys, and the sale ends if you are healthy for an hour.
        </Question>
        <Question title="And if it brings more than I owe?">
          The rest is yours, less a penalty of 5 % that is never taken before the debt. If it brings less, insurance pays,
          and what is missing stays a claim on you.
        </Question>
      </div>
    </Card>
  );
}

function Question({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <details>
      <summary>{title}</summary>
      <p>{children}</p>
    </details>
  );
}
