/**
 * <pin-pad data-digits data-person | data-new>: the keys of a PIN. Digits stay in here, never in the markup. With a person it posts to
 * /floor/lock/<person> at the last digit; `data-new` takes four to six digits twice and posts to /floor/pin. A scanner's burst is no PIN.
 */

import {FEWEST_DIGITS, weaknessOf} from "../replica/people.js";
import {t} from "../floor/words.js";

/** Keys that follow each other as quickly come from a scanner. */
const BURST_MS = 35;

class PinPad extends HTMLElement {
  #typed = "";
  #first = "";
  #isBusy = false;
  #keyAt = 0;

  connectedCallback() {
    this.addEventListener("click", this.#press);
    document.addEventListener("keydown", this.#key);
    this.#draw();
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.#key);
  }

  get #most() {
    return Number(this.dataset.digits);
  }

  get #isStill() {
    return this.#isBusy || (!this.dataset.person && !("new" in this.dataset));
  }

  #press = ({target}) => {
    const {digit, erase, done} = target.closest("button")?.dataset ?? {};
    if (digit !== undefined) this.#type(digit);
    if (erase !== undefined) this.#erase();
    if (done !== undefined) this.#done();
  };

  #key = (event) => {
    const {key, timeStamp} = event;
    const isBurst = timeStamp - this.#keyAt < BURST_MS;
    this.#keyAt = timeStamp;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (isBurst && /^\d$/.test(key)) this.#clear();
    else if (/^\d$/.test(key)) this.#type(key);
    else if (key === "Backspace") this.#erase();
    else if (key === "Enter" && !event.target.closest("a, button")) this.#done();
  };

  #type(digit) {
    if (this.#isStill || this.#typed.length >= this.#most) return;
    this.#typed += digit;
    if ("new" in this.dataset) this.#say("");
    this.#draw();
    if (this.dataset.person && this.#typed.length === this.#most) this.#send(`/floor/lock/${this.dataset.person}`);
  }

  #erase() {
    if (this.#isStill) return;
    this.#typed = this.#typed.slice(0, -1);
    this.#draw();
  }

  #clear() {
    this.#typed = "";
    this.#draw();
  }

  /** The end of a new PIN: once to choose it, once more to be sure of it. */
  #done() {
    if (!("new" in this.dataset) || this.#isStill || this.#typed.length < FEWEST_DIGITS) return;
    const weakness = weaknessOf(this.#typed);
    if (!weakness && this.#first === this.#typed) return this.#send("/floor/pin");
    const isOther = Boolean(this.#first);
    this.#first = weakness || isOther ? "" : this.#typed;
    this.#say(weakness ? t(`floor.pin.weak_${weakness}`) : isOther ? t("floor.pin.other") : "");
    document.getElementById("pin").textContent = t(this.#first ? "floor.pin.again" : "floor.pin.choose");
    this.#clear();
  }

  async #send(path) {
    const pin = this.#typed;
    this.#isBusy = true;
    this.setAttribute("aria-busy", "true");
    try {
      await window.htmx.ajax("POST", path, {source: this, target: "#page", swap: "outerMorph", values: {pin}});
    } finally {
      this.#isBusy = false;
      this.removeAttribute("aria-busy");
      this.#first = "";
      this.#clear();
    }
  }

  /** @param {string} text */
  #say(text) {
    const place = document.getElementById("pin-said");
    if (place && place.textContent !== text) place.textContent = text;
  }

  #draw() {
    const dots = this.querySelector(".dots");
    [...dots.children].forEach((dot, n) => dot.toggleAttribute("data-on", n < this.#typed.length));
    dots.setAttribute("aria-label", this.#typed ? t("floor.pin.typed", {n: this.#typed.length}) : t("floor.pin.none"));
    this.querySelector("[data-done]")?.setAttribute("aria-disabled", String(this.#typed.length < FEWEST_DIGITS));
  }
}

customElements.define("pin-pad", PinPad);
