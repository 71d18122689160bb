/** What the page of a list does beyond asking for markup: keeps drafts, jumps to the next item, follows a turned screen. */

import {askPage} from "../floor/live.js";
import {keepDraft, pruneDrafts} from "./drafts.js";
import {onTurn} from "./stage.js";

const isRun = () => Boolean(document.getElementById("run-head"));

/** Once a page load. */
export function listen() {
  pruneDrafts();
  document.addEventListener("input", (event) => {
    const {draft} = event.target.dataset ?? {};
    if (draft) keepDraft(draft, event.target.value);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-next]")) toNext();
    const sign = event.target.closest?.("[data-sign]");
    if (sign) changeSign(document.getElementById(sign.dataset.sign));
  });
  document.addEventListener("htmx:after:swap", arrive);
  document.addEventListener("focusin", (event) => (lastRow = event.target.closest?.(".row[id]")?.id ?? lastRow));
  document.addEventListener("htmx:after:swap", stayInRow);
  onTurn(() => isRun() && askPage());
}

/** The first open item below the middle of what is seen; after the last one, the first again. */
function toNext() {
  const view = document.querySelector("#page > main");
  const open = [...view.querySelectorAll(".row[data-todo]")];
  const line = view.getBoundingClientRect().top + 8;
  const current = view.querySelector(".row[aria-current=true]");
  const after = current ? current.getBoundingClientRect().top + 1 : line;
  show(open.find((row) => row !== current && row.getBoundingClientRect().top > after) ?? open[0]);
}

/** Bring a row into the upper third, mark it, and go on from there with the keyboard. */
function show(row) {
  if (!row) return;
  for (const old of document.querySelectorAll("#page main > section .row[aria-current=true]")) old.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  const view = document.querySelector("#page > main");
  view.scrollTop += row.getBoundingClientRect().top - view.getBoundingClientRect().top - view.clientHeight / 4;
  row.focus({preventScroll: true});
}

function changeSign(field) {
  field.value = field.value.startsWith("-") ? field.value.slice(1) : `-${field.value}`;
  field.dispatchEvent(new Event("input", {bubbles: true}));
  field.focus();
}

let lastRow = "";

/** The key that answered goes with its answer: who works by keyboard goes on from the row, not from the top of the page. */
function stayInRow() {
  if (document.activeElement === document.body && isRun()) document.getElementById(lastRow)?.focus({preventScroll: true});
}

let arrivedAt = "";

/** A link to one item of a list leads to its row, once. */
function arrive() {
  const here = location.pathname + location.search;
  if (here === arrivedAt) return;
  arrivedAt = here;
  const item = new URLSearchParams(location.search).get("item");
  const row = item && isRun() && document.getElementById(`item-${item}`);
  if (row && !row.closest(".pane")) show(row);
}
