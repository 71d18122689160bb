/**
 * <signature-pad data-key data-name data-role>: the line one signs on. Strokes are kept on the device as each ends (F21); confirming makes
 * a PNG with name, role and time printed under the line, keeps it, and posts its hash with the form around.
 */

import {device} from "../floor/device.js";
import {moment, now} from "../floor/time.js";
import {t} from "../floor/words.js";
import {draft, keepDraft} from "../checklists/drafts.js";

const PNG_WIDTH = 900;
const LINE_FROM_BOTTOM = 96;
const INK = "#1b1a17";
const SVG = "http://www.w3.org/2000/svg";

/**
 * Points in thousandths of the pad's width, so that a turned screen does not bend them.
 * @typedef {[number, number][]} Stroke
 */

class SignaturePad extends HTMLElement {
  /** @type {Stroke[]} */
  strokes = [];
  typed = false;

  connectedCallback() {
    if (this.isWired) return this.draw();
    this.isWired = true;
    this.restore();
    this.draw();
    this.pad.addEventListener("pointerdown", (event) => this.begin(event));
    this.pad.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) this.pad.addEventListener(name, () => this.end());
    this.addEventListener("click", (event) => this.press(event));
    // A morph of the page around takes the ink out of the markup; it is put back.
    new MutationObserver(() => this.draw()).observe(this.svg, {childList: true});
  }

  get pad() {
    return this.querySelector("[data-pad]");
  }

  get svg() {
    return this.querySelector("svg.ink");
  }

  restore() {
    try {
      const kept = JSON.parse(draft(this.dataset.key) ?? "null");
      if (kept) [this.strokes, this.typed] = [kept.strokes ?? [], Boolean(kept.typed)];
    } catch {
      this.strokes = [];
    }
  }

  keep() {
    keepDraft(this.dataset.key, this.isEmpty ? "" : JSON.stringify({strokes: this.strokes, typed: this.typed}));
  }

  get isEmpty() {
    return !this.strokes.length && !this.typed;
  }

  point({clientX, clientY}) {
    const box = this.pad.getBoundingClientRect();
    const scale = 1000 / box.width;
    return [Math.round((clientX - box.left) * scale), Math.round((clientY - box.top) * scale)];
  }

  begin(event) {
    if (event.button) return;
    event.preventDefault();
    this.pad.setPointerCapture(event.pointerId);
    this.typed = false;
    this.stroke = [this.point(event)];
    this.strokes.push(this.stroke);
    this.draw();
  }

  move(event) {
    if (!this.stroke) return;
    // A fast hand: the browser joins several positions into one event.
    for (const one of event.getCoalescedEvents?.() ?? [event]) this.stroke.push(this.point(one));
    this.draw();
  }

  end() {
    if (!this.stroke) return;
    this.stroke = null;
    this.keep();
  }

  press({target}) {
    if (target.closest("[data-clear]")) this.change([], false);
    else if (target.closest("[data-typed]")) this.change([], true);
    else if (target.closest("[data-confirm]")) this.confirm();
  }

  change(strokes, typed) {
    [this.strokes, this.typed] = [strokes, typed];
    this.keep();
    this.draw();
  }

  draw() {
    const {width = 0, height = 0} = this.pad?.getBoundingClientRect() ?? {};
    if (!width) return;
    const shown = JSON.stringify([this.strokes, this.typed, Math.round(width)]);
    if (shown === this.shown && this.svg.childElementCount === this.marks) return;
    this.svg.setAttribute("viewBox", `0 0 1000 ${Math.round((1000 * height) / width)}`);
    const made = this.strokes.map((stroke) => mark("path", {d: pathOf(stroke), "vector-effect": "non-scaling-stroke"}));
    if (this.typed) made.push(this.typedMark((1000 * height) / width));
    [this.shown, this.marks] = [shown, made.length];
    this.svg.replaceChildren(...made);
  }

  /** For who cannot draw: the written name is a mark too (glossary: signature). */
  typedMark(height) {
    const text = mark("text", {x: 50, y: height * 0.55, "font-size": 90, fill: "currentColor", stroke: "none", "font-style": "italic"});
    text.textContent = this.dataset.name;
    return text;
  }

  async confirm() {
    if (this.isEmpty) return this.say(t("checklists.sign.empty"));
    const form = this.closest("form");
    try {
      const replica = await device();
      this.querySelector("input[name=signature]").value = await replica.keepBlob(await this.picture());
      form.requestSubmit();
    } catch (error) {
      this.say(t(error?.code ? `floor.not_saved.${error.code}` : "checklists.sign.failed"));
      console.warn("signature", error);
    }
  }

  say(text) {
    const label = this.querySelector(".sign .meta");
    label.textContent = text;
    label.classList.add("cue-stop");
  }

  /** Dark ink on white whatever the look of the screen, so that it prints. @returns {Promise<Blob>} */
  async picture() {
    const box = this.pad.getBoundingClientRect();
    const height = Math.round((PNG_WIDTH * box.height) / box.width) + LINE_FROM_BOTTOM / 2;
    const canvas = Object.assign(document.createElement("canvas"), {width: PNG_WIDTH, height});
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, PNG_WIDTH, height);
    Object.assign(pen, {strokeStyle: INK, fillStyle: INK, lineWidth: 4, lineCap: "round", lineJoin: "round"});
    const scale = PNG_WIDTH / 1000;
    for (const stroke of this.strokes) pen.stroke(new Path2D(pathOf(stroke.map(([x, y]) => [x * scale, y * scale]))));
    pen.lineWidth = 1.5;
    pen.stroke(new Path2D(`M24 ${height - LINE_FROM_BOTTOM}H${PNG_WIDTH - 24}`));
    const face = getComputedStyle(this).fontFamily;
    if (this.typed) {
      pen.font = `italic 72px ${face}`;
      pen.fillText(this.dataset.name, 36, height - LINE_FROM_BOTTOM - 20, PNG_WIDTH - 72);
    }
    pen.font = `26px ${face}`;
    pen.fillText(`${this.dataset.name} · ${this.dataset.role}`, 24, height - LINE_FROM_BOTTOM + 36, PNG_WIDTH - 48);
    pen.fillText(moment(now()), 24, height - LINE_FROM_BOTTOM + 74, PNG_WIDTH - 48);
    return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("canvas"))), "image/png"));
  }
}

const mark = (name, attributes) => {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
};

/** Through the middles of the points: a hand draws curves. @param {Stroke} stroke */
export function pathOf(stroke) {
  const [first, ...rest] = stroke;
  if (!rest.length) return `M${first[0]} ${first[1]}l.1 .1`;
  let d = `M${first[0]} ${first[1]}`;
  for (let n = 0; n < rest.length - 1; n++) {
    const [[x, y], [nextX, nextY]] = [rest[n], rest[n + 1]];
    d += `Q${x} ${y} ${(x + nextX) / 2} ${(y + nextY) / 2}`;
  }
  return `${d}L${rest.at(-1)[0]} ${rest.at(-1)[1]}`;
}

customElements.define("signature-pad", SignaturePad);
