/** The index of one market: which venues say what, and which of them count. */

import { useState } from "preact/hooks";
import { useInfo, useVenue } from "../../api/live";
import type { MarketState } from "../../api/types";
import { amount, percent, price } from "../../format/numbers";
import { span, until } from "../../format/time";
import { Card, Empty, Explain, Select, Stat, Stats, Table, Tag } from "../../ui";

export function Feeds() {
  const venue = useVenue();
  const [chosen, choose] = useState("");
  const markets = venue?.markets ?? [];
  const terms = markets.find(({ coin }) => coin === chosen) ?? markets[0];
  const { data, error } = useInfo<MarketState>(terms ? { type: "marketState", coin: terms.coin } : null, 3_000);
  const decimals = terms?.priceDecimals ?? 4;
  return (
    <Card
      title="Index and funding" testid="feeds"
      explain={<Explain title="Where does the index come from?">From several venues: the middle between the lowest floor and the best bid. A venue that is old, or far away from the others, does not count. Marks, funding and liquidations follow the index, never one venue.</Explain>}
      actions={markets.length > 0 && <Select label="Market" isLabelHidden value={terms?.coin ?? ""} onChange={choose} options={markets.map(({ coin }) => ({ value: coin, label: coin.split(":").pop() ?? coin }))} testid="feed-market" />}
    >
      {data && (
        <Stats>
          <Stat label="Index" value={price(data.index, decimals)} hint={data.isStale ? "stale" : `unlimited ${price(data.indexRaw, decimals)}`} tone={data.isStale ? "warn" : undefined} />
          <Stat label="Mark" value={price(data.mark, decimals)} />
          <Stat label="Funding an hour" value={percent(data.funding?.rateHour, 4)} hint={data.funding ? until(data.funding.nextAt) : undefined} />
          <Stat label="Open interest" value={amount(data.openInterest)} />
          <Stat label="Fund" value={amount(data.insurance, terms?.asset)} />
          <Stat label="Status" value={data.halted ? "halted" : data.status} tone={data.halted ? "down" : undefined} />
        </Stats>
      )}
      <Table
        caption="Venues of the index" rows={data?.sources ?? []} rowKey={(row) => row.venue}
        empty={<Empty title={error ? "No answer" : data ? "No venue has spoken yet" : "Reading the venues"}>{error}</Empty>}
        columns={[
          { key: "venue", head: "Venue", cell: (row) => row.venue },
          { key: "floor", head: "Floor", align: "right", cell: (row) => price(row.floor, decimals) },
          { key: "bid", head: "Top bid", align: "right", cell: (row) => price(row.topBid, decimals) },
          { key: "age", head: "Age", align: "right", cell: (row) => <span class="num">{span(row.age)}</span> },
          { key: "counted", head: "Counts", align: "right", cell: (row) => <Tag tone={row.counted ? "up" : "warn"}>{row.counted ? "counts" : row.note || "left out"}</Tag> },
        ]}
      />
    </Card>
  );
}
