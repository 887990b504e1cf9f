import {
  CandlestickSeries, ColorType, type IChartApi, type ISeriesApi, LineSeries, LineStyle, type UTCTimestamp, createChart,
} from "lightweight-charts";
import { useEffect, useRef, useState } from "preact/hooks";
import { info } from "../../api/http";
import { useAccount, useChannel } from "../../api/live";
import { useContext } from "../../api/market";
import type { Candle, MarkPoint, MarketTerms } from "../../api/types";
import { comebacks } from "../../api/socket";
import { asNumber, price } from "../../format/numbers";
import { theme } from "../../shell/theme";
import { memory, useStore } from "../../store";
import { Empty, ErrorState, Loading, Segmented } from "../../ui";

const INTERVALS = { "1m": 60, "5m": 300, "15m": 900, "1h": 3600, "4h": 14_400, "1d": 86_400 } as const;
type Interval = keyof typeof INTERVALS;
const CANDLES = 400;
const SHOWN = 100; // of them at first; the rest by scrolling

interface Drawn {
  chart: IChartApi;
  candles: ISeriesApi<"Candlestick">;
  mark: ISeriesApi<"Line">;
  index: ISeriesApi<"Line">;
}

type State = "loading" | "ready" | "empty" | { error: string };

export function Chart({ coin, terms }: { coin: string; terms?: MarketTerms }) {
  const [interval, setInterval] = useState<Interval>((memory.read("interval") as Interval) ?? "5m");
  const pick = (next: Interval) => {
    memory.write("interval", next);
    setInterval(next);
  };
  const context = useContext(coin);
  const decimals = terms?.priceDecimals ?? 4;
  return (
    <div class="chart" data-testid="chart">
      <div class="chart-head">
        <Segmented small label="Candle length" value={interval in INTERVALS ? interval : "5m"} onChange={pick} testid="interval"
          options={(Object.keys(INTERVALS) as Interval[]).map((value) => ({ value, label: value }))} />
        <ul class="chart-legend num" aria-label="Lines">
          <li class="is-mark">Mark {price(context?.markPx, decimals)}</li>
          <li class="is-index">Index {price(context?.oraclePx, decimals)}</li>
        </ul>
      </div>
      <Canvas key={`${coin} ${interval} ${useStore(comebacks)}`} coin={coin} interval={interval in INTERVALS ? interval : "5m"} decimals={decimals}
        mark={asNumber(context?.markPx)} index={asNumber(context?.oraclePx)} />
    </div>
  );
}

function Canvas({ coin, interval, decimals, mark, index }: {
  coin: string; interval: Interval; decimals: number; mark?: number; index?: number;
}) {
  const box = useRef<HTMLDivElement>(null);
  const drawn = useRef<Drawn | undefined>(undefined);
  const [state, setState] = useState<State>("loading");
  const now = useStore(theme);

  useEffect(() => {
    if (!box.current) return undefined;
    const made = draw(box.current);
    drawn.current = made;
    const request = load(coin, interval, made, setState);
    return () => {
      request.cancel();
      made.chart.remove();
      drawn.current = undefined;
    };
  }, []);
  useEffect(() => {
    if (drawn.current) paint(drawn.current, decimals);
  }, [now, decimals]);
  useOwnLines(drawn, coin, now);
  useEffect(() => {
    const time = (Math.floor(Date.now() / 1000 / INTERVALS[interval]) * INTERVALS[interval]) as UTCTimestamp;
    if (state !== "ready") return;
    if (mark !== undefined) grow(drawn.current?.mark, time, mark);
    if (index !== undefined) grow(drawn.current?.index, time, index);
  }, [mark, index, state]);
  useChannel({ type: "candle", coin, interval }, (candle: Candle | Candle[]) => {
    for (const one of Array.isArray(candle) ? candle : [candle]) extend(drawn.current, one);
    if (state === "empty") setState("ready");
  });

  return (
    <div class="chart-box">
      <div ref={box} class="chart-canvas" role="img" aria-label={`Candles of ${coin}, ${interval}, with mark and index`} />
      {state !== "ready" && (
        <div class="chart-over">
          {state === "loading" ? <Loading label="Candles" />
            : state === "empty" ? <Empty title="No candles yet">The first trade draws one.</Empty>
              : <ErrorState error={state.error} />}
        </div>
      )}
    </div>
  );
}

/** Where the visitor stands in this market: entry, and the mark that liquidates. */
function useOwnLines(drawn: { current: Drawn | undefined }, coin: string, theme: string): void {
  const position = useAccount()?.positions.find((each) => each.coin === coin);
  const [entry, liquidation] = [asNumber(position?.entryPrice), asNumber(position?.liquidationPrice)];
  useEffect(() => {
    const series = drawn.current?.candles;
    if (!series) return undefined;
    const shared = { lineWidth: 1, lineStyle: LineStyle.LargeDashed, axisLabelVisible: true } as const;
    const wanted = [{ price: entry, title: "entry", color: colour("text-3") }, { price: liquidation, title: "liquidation", color: colour("down") }];
    const lines = wanted.flatMap(({ price: at, ...look }) => (at ? [series.createPriceLine({ ...shared, ...look, price: at })] : []));
    return () => lines.forEach((line) => drawn.current && series.removePriceLine(line));
  }, [coin, entry, liquidation, theme]);
}

/** A colour of the design system, as the canvas needs it. */
function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function draw(box: HTMLElement): Drawn {
  const chart = createChart(box, { autoSize: true, timeScale: { timeVisible: true, rightOffset: 4 } });
  const candles = chart.addSeries(CandlestickSeries, { priceLineVisible: false });
  const line = { lineWidth: 1, crosshairMarkerVisible: false, priceLineStyle: LineStyle.Dotted } as const;
  const index = chart.addSeries(LineSeries, { ...line, lineStyle: LineStyle.Dashed });
  const mark = chart.addSeries(LineSeries, line);
  return { chart, candles, mark, index };
}

/** Colours from the design system; the wick's shape says up or down too: falling candles are filled. */
function paint({ chart, candles, mark, index }: Drawn, decimals: number): void {
  chart.applyOptions({
    layout: {
      background: { type: ColorType.Solid, color: colour("surface") }, textColor: colour("text-3"), fontSize: 11,
      fontFamily: colour("font"), attributionLogo: true,
    },
    grid: { vertLines: { color: colour("surface-2") }, horzLines: { color: colour("surface-2") } },
    rightPriceScale: { borderColor: colour("line") },
    timeScale: { borderColor: colour("line") },
    crosshair: { vertLine: { color: colour("text-3") }, horzLine: { color: colour("text-3") } },
  });
  const format = { type: "price", precision: decimals, minMove: 10 ** -decimals } as const;
  const [up, down] = [colour("up"), colour("down")];
  candles.applyOptions({
    priceFormat: format, upColor: colour("surface"), borderUpColor: up, wickUpColor: up, downColor: down, borderDownColor: down,
    wickDownColor: down, lastValueVisible: false,
  });
  mark.applyOptions({ priceFormat: format, color: colour("accent"), title: "mark" });
  index.applyOptions({ priceFormat: format, color: colour("warn"), title: "index" });
}

function load(coin: string, interval: Interval, made: Drawn, setState: (state: State) => void): { cancel: () => void } {
  let isCancelled = false;
  const endTime = Date.now();
  const req = { coin, interval, startTime: endTime - CANDLES * INTERVALS[interval] * 1000, endTime };
  const candles = info<Candle[]>({ type: "candleSnapshot", req });
  // Without their past the two lines begin now; that is no reason to show no candles.
  const marks = info<MarkPoint[]>({ type: "markHistory", req }).catch(() => []);
  Promise.all([candles, marks]).then(
    ([found, points]) => {
      if (isCancelled) return;
      drawLines(made, points);
      setState(drawCandles(made, found, interval) ? "ready" : "empty");
    },
    (error: Error) => !isCancelled && setState({ error: error.message }),
  );
  return { cancel: () => { isCancelled = true; } };
}

/** Returns whether there was a candle; shows the last of them. */
function drawCandles({ candles, chart }: Drawn, found: Candle[], interval: Interval): boolean {
  const points = found.map(pointOf).sort((a, b) => a.time - b.time);
  candles.setData(points.filter((point, i) => point.time !== points[i - 1]?.time));
  const [first, last] = [points.at(-SHOWN), points.at(-1)];
  if (!last) return false;
  const length = INTERVALS[interval];
  const from = Math.max(first?.time ?? 0, points[0]?.time ?? 0, last.time - SHOWN * length);
  chart.timeScale().setVisibleRange({ from: from as UTCTimestamp, to: (last.time + 4 * length) as UTCTimestamp });
  return true;
}

function drawLines({ mark, index }: Drawn, points: MarkPoint[]): void {
  const line = (value: (point: MarkPoint) => string) =>
    points.filter((point) => Number(value(point))).map((point) => ({ time: (point.t / 1000) as UTCTimestamp, value: Number(value(point)) }));
  mark.setData(line((point) => point.mark));
  index.setData(line((point) => point.index));
}

function extend(drawn: Drawn | undefined, candle: Candle): void {
  try {
    drawn?.candles.update(pointOf(candle));
  } catch {
    // Older than what is drawn: a repeated snapshot after a lost connection.
  }
}

function grow(line: ISeriesApi<"Line"> | undefined, time: UTCTimestamp, value: number): void {
  try {
    line?.update({ time, value });
  } catch {
    // The exchange's clock is ahead of the visitor's; the next interval puts it right.
  }
}

function pointOf({ t, o, h, l, c }: Candle) {
  return { time: Math.floor(t / 1000) as UTCTimestamp, open: Number(o), high: Number(h), low: Number(l), close: Number(c) };
}
