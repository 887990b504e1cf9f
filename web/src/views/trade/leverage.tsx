import { useState } from "preact/hooks";
import { useAccount } from "../../api/live";
import { symbol, useTerms } from "../../api/market";
import { Store, memory, useStore } from "../../store";
import { ActionButton, Dialog, Notice } from "../../ui";
import { openWalletDialog, trade, useWallet } from "../../wallet/wallet";

/** Said last for each coin: an account without a position tells no leverage of its own. */
const said = new Store<Record<string, number>>(JSON.parse(memory.read("leverage") ?? "{}"));

export function useLeverage(coin: string): number {
  const terms = useTerms(coin);
  const own = useAccount()?.positions.find((position) => position.coin === coin)?.leverageMax;
  const last = useStore(said)[coin];
  return Number(own) || last || Number(terms?.maxLeverage) || 1;
}

/** The account's own cap in this market, as a button that opens a slider. */
export function Leverage({ coin }: { coin: string }) {
  const leverage = useLeverage(coin);
  const { address } = useWallet();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="leverage-button num" data-testid="leverage" aria-haspopup="dialog"
        onClick={() => (address ? setOpen(true) : openWalletDialog())}>
        <span class="sr-only">Leverage </span>{leverage}×
      </button>
      {isOpen && <LeverageDialog coin={coin} start={leverage} onClose={() => setOpen(false)} />}
    </>
  );
}

function LeverageDialog({ coin, start, onClose }: { coin: string; start: number; onClose: () => void }) {
  const terms = useTerms(coin);
  const most = Math.floor(Number(terms?.maxLeverage)) || 1;
  const [leverage, setLeverage] = useState(Math.min(start, most));
  const save = async () => {
    await trade({ type: "updateLeverage", asset: terms?.assetId ?? 0, isCross: true, leverage });
    said.update((all) => ({ ...all, [coin]: leverage }));
    memory.write("leverage", JSON.stringify(said.get()));
  };
  return (
    <Dialog title={`Leverage in ${symbol(coin)}`} onClose={onClose} testid="leverage-dialog">
      <p class="dim">The most that you let yourself take here: each position then needs 1/{leverage} of its value as initial margin,
        or more where the market's tiers ask more. Margin is shared across your whole account.</p>
      <div class="slider">
        <output class="leverage-value num">{leverage}×</output>
        <input type="range" min={1} max={most} step={1} value={leverage} data-testid="leverage-slider" aria-label="Leverage"
          style={{ "--share": `${most > 1 ? ((leverage - 1) / (most - 1)) * 100 : 100}%` }}
          onInput={(event) => setLeverage(Number(event.currentTarget.value))} />
        <div class="slider-marks"><span>1×</span><span>{most}×</span></div>
      </div>
      <Notice>A lower leverage moves the liquidation price away only by keeping positions smaller; your equity backs them all the same.</Notice>
      <ActionButton tone="primary" class="is-wide" testid="leverage-save" action={save} done={`Leverage in ${symbol(coin)} is ${leverage}×.`} onDone={onClose}>
        Set {leverage}×
      </ActionButton>
    </Dialog>
  );
}
