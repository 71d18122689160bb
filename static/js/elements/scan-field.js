/**
 * <scan-field>: waits for a scanner that types, or for a hand. On a page with scan fields a burst of keys is a scan wherever the cursor
 * stands, and never stays in the notes it fell into (F6).
 */

import {t} from "../floor/words.js";

/** Nobody types like this: five characters, each within 50 ms of the one before. */
const GAP_MS = 50;
const LEAST = 5;
/** Scanners without a suffix: silence this long ends the code. */
const END_MS = 120;

const AIM_PREFIX = /^\][A-Za-z][0-9A-Za-z]/;
const CONTROL = /[\u0000-\u001f\u007f]/g;
const FULL_WIDTH = /[\uff01-\uff5e]/g;

/**
 * What a scanner or a hand typed, as a code: without prefix and control characters, full-width keys of an IME as the keys they are.
 * Zeros in front stay. @param {string} text
 */
export const cleanCode = (text) =>
  text.replace(CONTROL, "").replace(FULL_WIDTH, (key) => String.fromCharCode(key.charCodeAt(0) - 0xfee0)).trim().replace(AIM_PREFIX, "");

/** Fields on the page, in the order they stand. */
const fields = new Set();
let burst = null;

/** The field that takes the next scan: the one in use, else the first open one that can be seen. */
function ready() {
  const inUse = document.activeElement?.closest?.("scan-field");
  if (inUse) return inUse;
  const seen = [...fields].filter((field) => field.getClientRects().length);
  return seen.sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top).find((field) => field.getBoundingClientRect().bottom > 0) ?? seen[0];
}

/** Follows keys on the whole page. Exported for tests. @param {KeyboardEvent} event */
export function hearKey(event) {
  if (!fields.size || event.isComposing || event.ctrlKey || event.metaKey) return;
  const isEnd = event.key === "Enter" || event.key === "Tab";
  if (!isEnd && event.key.length !== 1) return;
  const gap = burst ? event.timeStamp - burst.last : Infinity;
  if (isEnd) {
    if (burst?.isScan && gap <= END_MS) {
      event.preventDefault();
      event.stopImmediatePropagation();
      finish();
    } else burst = null;
    return;
  }
  if (gap > GAP_MS) burst = {text: "", last: 0, isScan: false, field: snapshot(), timer: 0};
  burst.text += event.key;
  burst.last = event.timeStamp;
  if (!burst.isScan && burst.text.length >= LEAST) {
    burst.isScan = true;
    takeOut(burst.field);
  }
  if (burst.isScan) {
    event.preventDefault();
    event.stopImmediatePropagation();
    clearTimeout(burst.timer);
    burst.timer = setTimeout(finish, END_MS);
  }
}

/** The text field the cursor stands in, as it was before the burst; a scan field's own input keeps nothing either. */
function snapshot() {
  const element = document.activeElement;
  const isText = element?.matches?.("textarea, input:not([type=checkbox], [type=radio], [type=file], [type=button])");
  return isText ? {element, value: element.value, at: element.selectionStart} : null;
}

function takeOut(field) {
  if (!field) return;
  field.element.value = field.value;
  if (field.at !== null) field.element.setSelectionRange(field.at, field.at);
  field.element.dispatchEvent(new Event("input", {bubbles: true}));
}

function finish() {
  const {text, timer} = burst;
  clearTimeout(timer);
  burst = null;
  ready()?.read(cleanCode(text));
}

document.addEventListener("keydown", hearKey, {capture: true});

class ScanField extends HTMLElement {
  connectedCallback() {
    fields.add(this);
    if (this.isWired) return;
    this.isWired = true;
    this.addEventListener("click", ({target}) => {
      if (target.closest("[data-type]")) this.type();
      else if (target.closest("[data-arm]")) this.arm();
    });
    this.addEventListener("submit", (event) => {
      const code = cleanCode(this.input.value);
      if (code) this.input.value = code;
      else event.preventDefault();
    }, {capture: true});
    this.addEventListener("focusout", () => setTimeout(() => this.rearm(), 0));
  }

  disconnectedCallback() {
    fields.delete(this);
  }

  get input() {
    return this.querySelector("input[name=value]");
  }

  get isArmed() {
    return this.hasAttribute("data-ready");
  }

  /** Keep the cursor where a scanner that only knows input fields can write, without calling up a keyboard. */
  arm() {
    this.setAttribute("data-ready", "");
    this.label(t("checklists.scan.armed"));
    this.input.hidden = false;
    this.input.classList.add("sr");
    this.input.inputMode = "none";
    this.input.focus({preventScroll: true});
  }

  /** After a blur that led nowhere the field is ready again. */
  rearm() {
    if (!this.isConnected || !this.isArmed) return;
    if (document.activeElement === document.body && document.visibilityState === "visible") this.input.focus({preventScroll: true});
    else if (!this.contains(document.activeElement)) this.disarm();
  }

  disarm() {
    this.removeAttribute("data-ready");
    this.label(t("checklists.scan.ready"));
  }

  /** By hand: the same input, seen, with a keyboard. */
  type() {
    this.disarm();
    Object.assign(this.input, {hidden: false, inputMode: "text"});
    this.input.classList.remove("sr");
    this.input.focus();
  }

  /** @param {string} code */
  read(code) {
    if (!code) return;
    this.input.value = code;
    this.querySelector("form").requestSubmit();
  }

  label(text) {
    this.querySelector("[data-idle]").textContent = text;
  }
}

customElements.define("scan-field", ScanField);
