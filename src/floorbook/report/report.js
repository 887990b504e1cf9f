// Values under the pointer, or under the arrow keys of a focused plot.
for (const plot of document.querySelectorAll(".plot")) {
  const data = JSON.parse(plot.dataset.plot), cursor = plot.querySelector(".cursor"), tip = plot.querySelector(".tip");
  const first = data.at[0], span = Math.max(1, data.at[data.at.length - 1] - first);
  const number = new Intl.NumberFormat("en", { minimumFractionDigits: data.digits, maximumFractionDigits: data.digits });
  const day = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });
  let shown = data.at.length - 1;

  function nearest(share) {
    const wanted = first + share * span;
    let low = 0, high = data.at.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (data.at[middle] < wanted) low = middle + 1; else high = middle;
    }
    return low > 0 && wanted - data.at[low - 1] < data.at[low] - wanted ? low - 1 : low;
  }

  function show(place) {
    shown = Math.min(data.at.length - 1, Math.max(0, place));
    const share = (data.at[shown] - first) / span;
    tip.replaceChildren(Object.assign(document.createElement("b"), { textContent: day.format(data.at[shown] * 60000) + " UTC" }));
    for (const line of data.lines) {
      const value = line.values[shown], row = document.createElement("div");
      row.className = "key c" + line.colour;
      row.textContent = line.name + "  " + (value === null ? "none" : number.format(value) + " " + data.unit);
      tip.append(row);
    }
    cursor.hidden = tip.hidden = false;
    cursor.style.left = 100 * share + "%";
    const right = share > 0.5;
    tip.style.left = right ? "auto" : `calc(${100 * share}% + .7rem)`;
    tip.style.right = right ? `calc(${100 - 100 * share}% + .7rem)` : "auto";
  }

  function hide() { cursor.hidden = tip.hidden = true; }

  plot.addEventListener("pointermove", (event) => {
    const box = plot.getBoundingClientRect();
    show(nearest((event.clientX - box.left) / box.width));
  });
  plot.addEventListener("pointerleave", hide);
  plot.addEventListener("blur", hide);
  plot.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -24, PageDown: 24, Home: -Infinity, End: Infinity }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    show(shown + step);
  });
}
