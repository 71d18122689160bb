/**
 * Keeping what is on the screen true: an element with `data-shows="checklist_run:<id> show"` and `data-from="/floor/…"` is asked again and
 * morphed when one of its records changes (`status`: when the exchange with the server does). One under a finger, with the cursor in it or with
 * unsaved text waits until that is over. What stands there already is not touched: a morph that changes nothing still costs a frame.
 */

import {handle} from "./handle.js";
import {isPressed} from "./press.js";

/** Elements whose records have changed and which could not be asked yet. @type {Set<Element>} */
const waiting = new Set();
let isScheduled = false;

/** What is kept, sent and settled within a moment is asked once. Longer than the click that ends a press, so that a morph never swallows it. */
const GATHER_MS = 100;

/** @param {{on: (name: string, hear: Function) => void}} replica */
export function keepTrue(replica) {
  replica.on("change", ({kinds, ids}) => {
    const [kindSet, idSet] = [new Set(kinds), new Set(ids)];
    for (const element of document.querySelectorAll("[data-shows]")) {
      if (isTouched(element.dataset.shows, kindSet, idSet)) waiting.add(element);
    }
    schedule();
  });
  replica.on("status", () => {
    for (const element of document.querySelectorAll('[data-shows~="status"]')) waiting.add(element);
    if (waiting.size) schedule();
  });
  for (const name of ["pointerup", "pointercancel", "focusout", "input", "htmx:after:swap"]) {
    document.addEventListener(name, () => waiting.size && schedule(), {passive: true});
  }
}

/** @param {string} shows @param {Set<string>} kinds @param {Set<string>} ids */
function isTouched(shows, kinds, ids) {
  return shows.split(/\s+/).some((token) => {
    const at = token.indexOf(":");
    return at < 0 ? kinds.has(token) : kinds.has(token.slice(0, at)) && ids.has(token.slice(at + 1));
  });
}

function schedule() {
  if (isScheduled) return;
  isScheduled = true;
  setTimeout(refresh, GATHER_MS);
}

async function refresh() {
  isScheduled = false;
  for (const element of [...waiting]) {
    if (!element.isConnected || hasWaitingParent(element)) waiting.delete(element);
    else if (!isBusy(element)) {
      waiting.delete(element);
      await ask(element);
    }
  }
}

const hasWaitingParent = (element) => waiting.has(element.parentElement?.closest("[data-shows]"));

/** The field that waits for a scanner holds the cursor all the time, and no text. */
const isTyping = (element) =>
  element.matches("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]") && !element.closest("scan-field[data-ready]");
const isDirty = (field) => field.value !== field.defaultValue;

function isBusy(element) {
  const focused = document.activeElement;
  if (isPressed(element)) return true;
  if (focused && element.contains(focused) && isTyping(focused)) return true;
  return [...element.querySelectorAll("input:not([type=checkbox], [type=radio], [type=hidden], [type=file]), textarea")].some(isDirty);
}

/**
 * Render an element again and morph it. A tap that came meanwhile wins: an element that by now shows something else is left alone.
 * @param {Element} element with `data-from`
 */
export async function ask(element) {
  const {from} = element.dataset;
  const response = await handle(new Request(new URL(from, location.href)));
  const text = await response.text();
  if (!element.isConnected || element.dataset.from !== from) return;
  const elsewhere = response.headers.get("HX-Location");
  if (elsewhere) return void window.htmx.ajax("GET", JSON.parse(elsewhere).path, {target: "#page", swap: "outerHTML", replace: "true"});
  const news = newsOf(text, element);
  if (!news) return;
  const focused = document.activeElement;
  await window.htmx.swap({text: news, target: element, swap: "outerMorph", sourceElement: element});
  // The pressed key went away with the change it made: the reader goes on from the row, not from the top of the page.
  if (focused && !focused.isConnected && document.activeElement === document.body) {
    document.querySelector("#page [aria-current=true], #page h1")?.focus({preventScroll: true});
  }
}

/** What of an answer is not on the screen yet; a page that is has its title there as well. @param {string} text @param {Element} element for which it was asked */
function newsOf(text, element) {
  const holder = document.createElement("template");
  holder.innerHTML = text;
  const parts = [...holder.content.children].filter((part) => part.localName !== "title");
  for (const part of parts) {
    const isPartial = part.matches("hx-partial[hx-swap=outerMorph]");
    const [shown, fresh] = isPartial ? [document.querySelector(part.getAttribute("hx-target")), part.firstElementChild] : [element, part];
    if (shown && isSame(shown, fresh)) part.remove();
  }
  return parts.some((part) => part.parentNode) ? holder.innerHTML : "";
}

/** But for the mark that htmx sets on the keys and links it listens to. */
function isSame(shown, fresh) {
  const bare = shown.cloneNode(true);
  for (const key of bare.querySelectorAll("[data-htmx-powered]")) key.removeAttribute("data-htmx-powered");
  return bare.isEqualNode(fresh);
}

/** Render the whole page again as it is now (another language, another look). */
export function askPage() {
  const page = document.getElementById("page");
  page.dataset.from ??= location.pathname + location.search;
  return ask(page);
}
