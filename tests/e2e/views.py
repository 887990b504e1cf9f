"""Every view at a desk and on a phone: what must hold of each, and its picture."""

import json
from pathlib import Path

from playwright.sync_api import ViewportSize, expect

from tests.e2e.screen import Screen

VIEWS = ("trade/nft:PUNKS", "portfolio", "collateral", "auctions", "earn", "risk", "verify")
DESK, PHONE = ViewportSize(width=1440, height=900), ViewportSize(width=390, height=844)

# What makes a page unusable without eyes or a mouse; each line names the element at fault.
CHECKS = """() => {
  const faults = [];
  const seen = e => e.checkVisibility() && !e.closest('[aria-hidden=true]');
  const text = id => document.getElementById(id)?.textContent ?? '';
  const nameOf = e => (e.getAttribute('aria-label') ?? '')
    + (e.getAttribute('aria-labelledby') ?? '').split(' ').map(text).join('')
    + [...(e.labels ?? [])].map(l => l.textContent).join('')
    + (e.alt ?? '') + e.title + (['INPUT', 'SELECT'].includes(e.tagName) ? '' : e.textContent);
  const say = (e, why) => faults.push(`${why}: ${e.outerHTML.slice(0, 160)}`);
  const all = selector => [...document.querySelectorAll(selector)].filter(seen);
  for (const e of all('a[href], button, input, select, dialog, nav, [role=img], [role=region], [role=tab]'))
    if (!nameOf(e).trim()) say(e, 'no name');
  for (const e of all('table:not([role=img] *)')) if (!e.caption?.textContent.trim()) say(e, 'no caption');
  for (const e of all('img')) if (!e.hasAttribute('alt')) say(e, 'no alternative');
  for (const e of all('th')) if (!e.scope) say(e, 'no scope');
  if (all('h1').length !== 1) faults.push(`${all('h1').length} first headings`);
  if (all('main').length !== 1) faults.push(`${all('main').length} main parts`);
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push(`two of ${id}`);
  for (const e of all('[aria-controls][aria-expanded=true], [aria-describedby]'))
    for (const id of (e.getAttribute('aria-describedby') ?? e.getAttribute('aria-controls')).split(' '))
      if (!document.getElementById(id)) say(e, 'points at nothing');
  if (!document.documentElement.lang) faults.push('no language');
  return faults;
}"""

# Text against what is painted behind it (WCAG 2.1, 1.4.3): 4.5, large text 3.
CONTRAST = """() => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 });
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  const rgba = color => {
    pen.clearRect(0, 0, 1, 1); pen.fillStyle = color; pen.fillRect(0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data].map((v, i) => (i < 3 ? v : v / 255));
  };
  const over = (a, b) => [0, 1, 2].map(i => a[i] * a[3] + b[i] * (1 - a[3]));
  const behind = e => {
    if (!e) return [255, 255, 255];
    const own = rgba(getComputedStyle(e).backgroundColor);
    return own[3] > 0.99 ? own.slice(0, 3) : over(own, behind(e.parentElement));
  };
  const light = c => c.map(v => v / 255).map(v => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const faults = new Map();
  for (const e of document.querySelectorAll('body *')) {
    if (!e.checkVisibility({ opacityProperty: true })) continue;
    if (e.closest('svg, [aria-hidden=true], :disabled')) continue;
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
    const style = getComputedStyle(e);
    const back = behind(e);
    const [a, b] = [light(over(rgba(style.color), back)), light(back)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
    const where = `${e.tagName.toLowerCase()}.${e.className} "${e.textContent.trim().slice(0, 24)}"`;
    if (ratio < least) faults.set(e.className + style.color, `contrast ${ratio.toFixed(2)}: ${where}`);
  }
  return [...faults.values()];
}"""

TOO_WIDE = """() => {
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide <= 0) return [];
  const all = [...document.querySelectorAll('body *')];
  const past = all.filter(e => e.getBoundingClientRect().right > innerWidth + 1);
  return [`${wide} px too wide`, ...past.slice(-3).map(e => e.outerHTML.slice(0, 120))];
}"""

# WCAG 2.2, 2.5.8; a "?" has its area around it, a link in a line of text is exempt.
TOO_SMALL = """() => [...document.querySelectorAll('button:not(.explain-mark, .link), select')]
  .filter(e => e.checkVisibility())
  .map(e => [e, e.getBoundingClientRect()])
  .filter(([, box]) => box.width < 24 || box.height < 24)
  .map(([e, box]) => `${box.width.toFixed(1)} x ${box.height.toFixed(1)}: ${e.outerHTML.slice(0, 120)}`)"""

TRANSITIONS_END = """() => Promise.all(document.getAnimations()
  .filter(a => a.effect.getTiming().iterations !== Infinity)
  .map(a => a.finished.catch(() => {})))"""


def settle(screen: Screen) -> None:
    """Wait until the view has what it asked for."""
    expect(screen.page.locator("main h1")).to_have_count(1)
    expect(screen.page.locator("[data-state=loading]")).to_have_count(0)
    screen.page.evaluate(TRANSITIONS_END)


def faults_of(screen: Screen, *checks: str) -> list[str]:
    """Return what is wrong with what is shown now."""
    return [fault for check in checks for fault in screen.page.evaluate(check)]


def picture(screen: Screen, folder: Path, name: str) -> None:
    """Save what is shown."""
    folder.mkdir(parents=True, exist_ok=True)
    screen.page.evaluate("scrollTo(0, 0)")
    screen.page.screenshot(path=folder / f"{name}.png", animations="disabled")


def must_be_none(faults: dict[str, list[str]]) -> None:
    """Fail with the faults of all views at once."""
    found = {where: some for where, some in faults.items() if some}
    assert not found, "\n" + json.dumps(found, indent=1, ensure_ascii=False)
