/** What stands around every page of the floor: top line with the sync badge, the page itself, dock and bottom bar. */

import {html, joined} from "./html.js";
import {band, icon, lamp, who} from "./components.js";
import {t} from "./words.js";

const TABS = ["today", "lists", "scan", "stock", "more"];

const CUES = {synced: "go", sending: "work", offline: "wait", need: "stop"};

/**
 * What the sync badge says. @param {{state: string, waiting: number, need: number}} status
 */
function badgeText({state, waiting, need}) {
  if (state === "need") return t("floor.sync.need", {n: need});
  if (state === "offline") return waiting ? t("floor.sync.offline_waiting", {n: waiting}) : t("floor.sync.offline");
  if (state === "sending") return t("floor.sync.sending", {n: waiting});
  return t("floor.sync.synced");
}

/** The badge itself: colour, shape and word, and the way to the Outbox (F27). @param {any} status of the replica */
export const badge = (status) =>
  html`<a class="sync" data-state="${status.state}" href="/floor/outbox" aria-live="polite">${lamp(CUES[status.state])}<span>${badgeText(status)}</span></a>`;

/** Scanning is the big key in the middle. */
const tab = (name, current) =>
  html`<a class="tab${name === "scan" && " tab-scan"}" href="/floor/${name}"${name === current && html` aria-current="page"`}>${
    name === "scan" ? html`<span class="tab-disc">${icon(name)}</span>` : icon(name)
  }<span>${t(`floor.tab.${name}`)}</span></a>`;

/** Who to call, what to do: one tap away where a shift begins (SAF-1). */
const emergency = () => html`<a class="key key-bare" href="/floor/emergency">${icon("alarm")}<span>${t("floor.tab.emergency")}</span></a>`;

/** Whose turn it is on a shared device; a tap locks it for the next one. */
function turn({meta: {isShared, person, persons}}) {
  const one = isShared && persons.find(({id}) => id === person);
  return one && html`<button class="key key-bare turn" hx-post="/floor/lock" aria-label="${t("floor.lock.key", {name: one.name})}">${who(one)}${icon("lock")}</button>`;
}

/** @param {string} [current] */
export const tabs = (current) => html`<nav class="tabs" aria-label="${t("floor.tabs")}">${TABS.map((one) => tab(one, current))}</nav>`;

/**
 * A whole page. It replaces what stands in #page; the address in `from` renders it again when a record in `shows` changes.
 * @param {import("./router.js").Context} ctx
 * @param {{
 *   title: string,
 *   heading?: unknown,
 *   sub?: unknown,
 *   back?: string,
 *   tab?: string,
 *   hasTabs?: boolean,
 *   isLock?: boolean,
 *   head?: unknown,
 *   main: unknown,
 *   isPanes?: boolean,
 *   dock?: unknown,
 *   sheet?: unknown,
 *   shows?: string,
 *   from?: string,
 * }} page
 *   heading: the h1 when it is more than the title (a tape) · sub: one quiet line under it · head: under the top line, does not scroll ·
 *   isPanes: `main` holds two .pane on a tablet · dock: the one primary action · sheet: lies over the page, which takes no part while it
 *   does · shows: "checklist_run:<id> show", kinds or kind:id ·
 *   hasTabs: false on emergency pages, where nothing may compete · isLock: nobody is here; only the way to the emergency pages is open
 */
export function layout(ctx, page) {
  const {title, heading = title, sub, back, head, main, dock, sheet, isPanes, isLock, hasTabs = !isLock, shows, from = ctx.path} = page;
  const still = sheet && html` inert`;
  const line = html`${
    back && html`<a class="key key-bare" href="${back}" aria-label="${t("floor.back")}">${icon("back")}</a>`
  }<div class="topline-title"><h1 tabindex="-1">${heading}</h1>${sub && html`<p class="topline-sub">${sub}</p>`}</div>${(isLock || page.tab === "today") && emergency()}${
    ctx.replica.meta.device && html`<sync-badge>${badge(ctx.replica.status())}</sync-badge>`
  }${turn(ctx.replica)}`;
  const top = head ? html`<header><div class="topline"${still}>${line}</div>${head}</header>` : html`<header class="topline"${still}>${line}</header>`;
  const bottom = (dock || hasTabs) && html`<footer${still}>${
    dock && html`<div class="dock${!hasTabs && " dock-only"}">${dock}</div>`
  }${hasTabs && tabs(page.tab)}</footer>`;
  // A page without controls is scrolled by keyboard only when it can be focused.
  const isText = !/<(a|button|input|select|textarea)\s/.test(String(main));
  return html`<title>${joined([title, t("floor.name")], " · ")}</title><div id="page" hx-history-elt class="floor${isPanes && " floor-wide"}${isLock && " floor-lock"}${dock && " floor-docked"}"${
    shows && html` data-shows="${shows}" data-from="${from}"`
  }>${top}<main${still}${isPanes && html` class="panes"`}${isText && html` tabindex="0"`}>${main}</main>${bottom}${sheet && html`<div class="veil"></div>${sheet}`}</div>`;
}

/** A new version is here: offered where nobody is in the middle of something (F29). */
export const updateBand = () =>
  document.documentElement.hasAttribute("data-update") && band({
    cue: "work", text: t("floor.update.ready"),
    action: html`<button class="btn" hx-post="/floor/more/update" hx-swap="none">${t("floor.update.take")}</button>`,
  });
