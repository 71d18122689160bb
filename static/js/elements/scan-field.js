/**
 * <scan-field>: waits for a scanner that types, or for a hand. On a page with scan fields a burst of keys is a scan wherever the cursor
 * stands, and never stays in the notes it fell into (F6).
 *
 * With a form inside, a scan becomes the form's value and submits it. `<scan-field id="…" auto hx-morph-skip>` draws itself, is armed as
 * long as it stands, and hands its scans out one by one, as they came:
 *
 * `scan` event, bubbles. detail: {raw: string, via: "wedge"|"typed", waitUntil: (saved: Promise) => void}
 *   raw is what came, for readCode(); the next scan is handed out when `saved` is settled, and none is dropped (T20).
 */

import {icon} from "../floor/components.js";
import {html} from "../floor/html.js";
import {t} from "../floor/words.js";
import {normalise} from "../stock/codes.js";

/** Nobody types like this: five characters, each within 50 ms of the one before. */
const GAP_MS = 50;
const LEAST = 5;
/** Scanners without a suffix: silence this long ends the code. One that has shown its suffix may stutter for longer. */
const END_MS = 200;
const SUFFIX_MS = 600;
/** What a stuttering radio put into the armed field belongs to the burst that follows so soon. */
const STUTTER_MS = 500;

const TEXT = "textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=file], [type=button])";
const END = ["Enter", "Tab", "\r", "\n", "\t"];

/** A code for people and records that know no group separator. @param {string} text */
export const cleanCode = (text) => normalise(text).replaceAll("\x1d", "");

/** Fields on the page, in the order they stand. */
const fields = new Set();
let burst = null;
let lastKeyAt = 0;
let numpad = "";
let endMs = END_MS;

/** The field that takes the next scan: the one in use, else the first open one that can be seen. */
function ready() {
  const inUse = document.activeElement?.closest?.("scan-field");
  if (inUse) return inUse;
  const [only] = fields;
  if (fields.size === 1 && only.isAuto) return only; // nothing is measured while scans come in
  const seen = [...fields].filter((field) => field.getClientRects().length);
  return seen.sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top).find((field) => field.getBoundingClientRect().bottom > 0) ?? seen[0];
}

/** The character a scanner meant. Some hold Alt down all the time; FNC1 comes as Ctrl+]. @param {KeyboardEvent} event */
function meant({key, code, ctrlKey, altKey, metaKey, shiftKey}) {
  if (metaKey || (ctrlKey && !altKey)) return key === "]" || code === "BracketRight" ? "\x1d" : "";
  const plain = altKey && !ctrlKey && /^(?:Key|Digit)(.)$/.exec(code)?.[1];
  return plain ? (shiftKey ? plain : plain.toLowerCase()) : key;
}

/** Follows keys on the whole page. Exported for tests. @param {KeyboardEvent} event */
export function hearKey(event) {
  if (!fields.size || event.isComposing) return;
  const digit = event.altKey && /^Numpad(\d)$/.exec(event.code)?.[1];
  if (digit) numpad += digit; // a character by its number, told when Alt is let go
  else hear(meant(event), event);
}

function hearAlt(event) {
  const number = event.key === "Alt" && numpad;
  numpad = "";
  if (number && fields.size) hear(String.fromCharCode(Number(number)), event);
}

function hear(key, event) {
  const isEnd = END.includes(key);
  if (!isEnd && key.length !== 1) return;
  if (burst?.isScan && (isEnd || event.timeStamp - burst.last > endMs)) {
    finish();
    if (isEnd) {
      endMs = SUFFIX_MS;
      return swallow(event);
    }
  }
  if (isEnd || event.repeat) burst = null; // a key held down is quick, too
  else follow(key, event);
}

function follow(key, event) {
  const at = event.timeStamp;
  if (!burst || (!burst.isScan && at - burst.last > GAP_MS)) burst = {text: "", isScan: false, field: snapshot(at)};
  burst.text += key;
  burst.last = lastKeyAt = at;
  if (!burst.isScan && burst.text.length >= LEAST) {
    burst.isScan = true;
    takeOut(burst.field);
  }
  if (!burst.isScan) return;
  swallow(event);
  clearTimeout(burst.timer);
  burst.timer = setTimeout(finish, endMs);
}

function swallow(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

/** The text field the cursor stands in, as it was before the burst. */
function snapshot(at) {
  const element = document.activeElement;
  if (!element?.matches?.(TEXT) || element.value === undefined) return null;
  const ours = element.closest("scan-field");
  const isOurs = ours?.isAuto && ours.isArmed;
  const value = isOurs && at - lastKeyAt > STUTTER_MS ? "" : element.value;
  return {element, value, at: element.selectionStart, head: isOurs ? value : ""};
}

function takeOut(field) {
  if (!field) return;
  field.element.value = field.value;
  if (field.at !== null) field.element.setSelectionRange?.(field.at, field.at);
  field.element.dispatchEvent(new Event("input", {bubbles: true}));
}

/** Handed on at once, before the next key: nothing of one scan is left where the next one is written. */
function finish() {
  const {text, timer, field} = burst;
  clearTimeout(timer);
  burst = null;
  if (field?.head) field.element.value = "";
  ready()?.read((field?.head ?? "") + text, "wedge");
}

document.addEventListener("keydown", hearKey, {capture: true});
document.addEventListener("keyup", hearAlt, {capture: true});
document.addEventListener("beforeinput", (event) => burst?.isScan && swallow(event), {capture: true});

class ScanField extends HTMLElement {
  waiting = [];

  connectedCallback() {
    fields.add(this);
    if (!this.isWired) this.wire();
    if (this.isAuto) this.stayReady();
  }

  disconnectedCallback() {
    fields.delete(this);
    this.left?.abort();
  }

  wire() {
    this.isWired = true;
    if (this.isAuto) this.draw();
    this.addEventListener("click", ({target}) => {
      if (target.closest("[data-type]")) this.type();
      else if (target.closest("[data-arm]")) this.arm();
    });
    this.addEventListener("submit", (event) => {
      const code = cleanCode(this.input.value);
      if (code) this.input.value = code;
      else event.preventDefault();
    }, {capture: true});
    this.addEventListener("keydown", (event) => this.hearEnd(event));
    this.addEventListener("input", ({data}) => this.hearText(data));
    this.addEventListener("focusout", () => setTimeout(() => this.rearm(), 0));
  }

  get isAuto() {
    return this.hasAttribute("auto");
  }

  get input() {
    return this.querySelector("input[name=value]");
  }

  get isArmed() {
    return this.hasAttribute("data-ready");
  }

  /** How many scans have not been handed out yet. */
  get pending() {
    return this.waiting.length;
  }

  draw() {
    this.innerHTML = html`<div class="inline"><button type="button" class="key key-opt grow" data-arm>${icon("scan")}<span data-idle></span></button>
<button type="button" class="key" data-type>${icon("keys")}${t("scan.type")}</button>
<input class="input" name="value" autocomplete="off" autocapitalize="off" autocorrect="off" spellcheck="false" enterkeyhint="done" maxlength="200"
 aria-label="${t("scan.code")}"></div>`;
  }

  /** Armed for as long as it stands: a tap beside it, a window that comes back, a field that is left all lead here again. */
  stayReady() {
    this.left = new AbortController();
    const {signal} = this.left;
    document.addEventListener("focusout", () => setTimeout(() => this.rearm(), 0), {signal});
    document.addEventListener("visibilitychange", () => this.rearm(), {signal});
    // By keyboard one stays on the key one pressed; a finger has no use for the focus.
    document.addEventListener("click", ({detail}) => detail && setTimeout(() => this.rearm(true), 0), {signal});
    if (!this.isTyping) this.arm(!document.activeElement?.matches(TEXT));
  }

  /** Keep the cursor where a scanner that only knows input fields can write, without calling up a keyboard. */
  arm(takesFocus = true) {
    this.isTyping = false;
    this.setAttribute("data-ready", "");
    this.label(t("scan.armed"));
    this.input.hidden = false;
    this.input.classList.add("sr");
    this.input.inputMode = "none";
    if (takesFocus) this.input.focus({preventScroll: true});
  }

  /** After a blur that led nowhere the field is ready again; a text field that somebody chose keeps the cursor. */
  rearm(isTap = false) {
    if (!this.isConnected || !this.isArmed || document.visibilityState !== "visible") return;
    const at = document.activeElement ?? document.body;
    const isFree = at === document.body || (isTap && this.isAuto && !at.matches(TEXT) && !at.closest("dialog"));
    if (isFree) this.input.focus({preventScroll: true});
    else if (!this.isAuto && !this.contains(at)) this.disarm();
  }

  disarm() {
    this.removeAttribute("data-ready");
    this.label(t("scan.ready"));
  }

  /** By hand: the same input, seen, with a keyboard. */
  type() {
    this.disarm();
    this.isTyping = true;
    this.input.blur(); // else some phones keep the keyboard they have, which is none
    Object.assign(this.input, {hidden: false, inputMode: "text"});
    this.input.classList.remove("sr");
    this.input.focus();
  }

  /** The end of a code that was no burst: typed, or shorter than one. In a form the browser submits it. */
  hearEnd(event) {
    const isEnd = event.key === "Enter" || (event.key === "Tab" && this.isArmed && this.input.value);
    if (!isEnd || event.isComposing || event.target !== this.input || (this.form && event.key === "Enter")) return;
    event.preventDefault();
    this.enter();
  }

  /** A whole code at once, as keyboards of hand-held scanners insert it; Enter may follow, or not. */
  hearText(data) {
    clearTimeout(this.settling);
    if (this.isArmed && data?.length >= LEAST) this.settling = setTimeout(() => this.enter(), END_MS);
  }

  enter() {
    clearTimeout(this.settling);
    const raw = this.input.value;
    this.input.value = "";
    this.read(raw, this.isArmed ? "wedge" : "typed");
  }

  get form() {
    return this.querySelector("form");
  }

  /** @param {string} raw @param {"wedge" | "typed"} via */
  read(raw, via) {
    if (!cleanCode(raw)) return;
    this.waiting.push({raw, via}); // rule: T20
    if (!this.isBusy) this.handOut();
  }

  async handOut() {
    this.isBusy = true;
    while (this.waiting.length) await this.tell(this.waiting.shift());
    this.isBusy = false;
  }

  /** @returns {Promise<void> | undefined} what the listener waits for */
  tell({raw, via}) {
    let saved;
    const detail = {raw, via, waitUntil: (promise) => (saved = promise.catch(() => {}))};
    const place = this.isConnected ? this : document; // the page went on; its scans are still scans
    const isOpen = place.dispatchEvent(new CustomEvent("scan", {bubbles: true, cancelable: true, detail}));
    if (isOpen && this.form) {
      this.input.value = cleanCode(raw);
      this.form.requestSubmit();
    }
    return saved;
  }

  label(text) {
    this.querySelector("[data-idle]").textContent = text;
  }
}

customElements.define("scan-field", ScanField);
