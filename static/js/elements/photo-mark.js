/**
 * <photo-mark sha data-key>: draws arrows and rings on a photo and makes parts of it unreadable. Marks are kept on the device as each is
 * made; done makes a new picture of them, keeps it, and posts its hash with the form in the dock. One mark is one shape from one point to
 * another, in pixels of the picture.
 */

import {device} from "../floor/device.js";
import {t} from "../floor/words.js";
import {draft, keepDraft} from "../checklists/drafts.js";
import {addHidden, jpegOf} from "./photo-field.js";

/** Seen on anything: a bright line between two dark ones. */
const INK = "#ffd60a";
const RIM = "#161512";
const LINES = 130; // as many line widths make the longer side
const TAP = 0.02; // of the longer side: less than that is a tap, which makes a mark of a usual size
const USUAL = 0.16;
const STEP = 0.02;
const HEAD = 5.5; // an arrow's head, in line widths
const HEAD_ANGLE = 0.5;
const CELLS = 32; // a blurred cell is at least so small a part of the longer side,
const CELLS_ACROSS = 5; // and of the blurred part itself
const TONES = 16;

/** @typedef {{tool: "arrow" | "ring" | "blur", from: [number, number], to: [number, number]}} Mark */

class PhotoMark extends HTMLElement {
  /** @type {Mark[]} */
  marks = [];
  tool = "arrow";

  async connectedCallback() {
    this.isGone = new AbortController();
    const {signal} = this.isGone;
    this.canvas = this.querySelector("canvas");
    this.view = this.querySelector("[data-view]");
    this.page = this.closest(".floor") ?? document;
    this.page.addEventListener("click", (event) => this.press(event), {signal});
    document.addEventListener("keydown", (event) => this.hearKey(event), {signal});
    this.view.addEventListener("pointerdown", (event) => this.begin(event), {signal});
    this.view.addEventListener("pointermove", (event) => this.move(event), {signal});
    this.view.addEventListener("pointerup", () => this.end(), {signal});
    this.view.addEventListener("pointercancel", () => this.drop(), {signal});
    try {
      await this.load();
    } catch (error) {
      this.say(t("checklists.photo.on_its_way"), true);
      console.warn("mark", error);
    }
  }

  disconnectedCallback() {
    this.isGone.abort();
    this.picture?.close();
    this.canvas.width = this.canvas.height = 0; // phones free a canvas late
  }

  async load() {
    const replica = await device();
    const image = new Image();
    image.src = await replica.blobUrl(this.getAttribute("sha"), "display");
    await image.decode();
    this.picture = await createImageBitmap(image);
    if (this.isGone.signal.aborted) return this.picture.close();
    Object.assign(this.canvas, {width: this.picture.width, height: this.picture.height});
    this.marks = marksIn(draft(this.dataset.key));
    this.setAttribute("aria-busy", "false");
    return this.draw();
  }

  get longest() {
    return Math.max(this.canvas.width, this.canvas.height);
  }

  // -- the hand -------------------------------------------------------------------------------------------------------------

  point({clientX, clientY}) {
    const box = this.canvas.getBoundingClientRect();
    return this.within([((clientX - box.left) * this.canvas.width) / box.width, ((clientY - box.top) * this.canvas.height) / box.height]);
  }

  /** A mark never leaves its picture. */
  within([x, y]) {
    const inside = (value, most) => Math.round(Math.min(Math.max(0, value), most));
    return [inside(x, this.canvas.width), inside(y, this.canvas.height)];
  }

  begin(event) {
    if (event.button || this.drawn || !this.picture) return;
    event.preventDefault();
    this.view.focus({preventScroll: true});
    this.view.setPointerCapture(event.pointerId);
    const at = this.point(event);
    this.drawn = {tool: this.tool, from: at, to: at};
  }

  move(event) {
    if (!this.drawn) return;
    this.drawn.to = this.point(event);
    this.draw();
  }

  end() {
    if (!this.drawn) return;
    const {tool, from, to} = this.drawn;
    const isTap = Math.hypot(to[0] - from[0], to[1] - from[1]) < TAP * this.longest;
    this.drawn = null;
    this.add(isTap ? this.usual(tool, from) : {tool, from, to});
  }

  /** The system took the finger: an incoming call, a gesture of its own. */
  drop() {
    this.drawn = null;
    this.draw();
  }

  /** A mark of a usual size that shows on this point, or lies around it. @returns {Mark} */
  usual(tool, [x, y]) {
    const half = (USUAL * this.longest) / 2;
    if (tool !== "arrow") return {tool, from: this.within([x - half, y - half]), to: this.within([x + half, y + half])};
    const side = x < half * 2 ? 1 : -1; // its tail lies in the picture
    const down = y > this.canvas.height - half * 2 ? -1 : 1;
    return {tool, from: this.within([x + 2 * half * side, y + 2 * half * down]), to: [x, y]};
  }

  // -- keys -----------------------------------------------------------------------------------------------------------------

  press({target}) {
    const key = target.closest?.("[data-tool]");
    if (key) this.choose(key);
    else if (target.closest?.("[data-undo]")) this.undo();
    else if (target.closest?.("[data-done]")) this.finish();
  }

  choose(key) {
    this.tool = key.dataset.tool;
    for (const one of this.querySelectorAll("[data-tool]")) {
      one.setAttribute("aria-checked", String(one === key));
      one.tabIndex = one === key ? 0 : -1;
    }
    this.say(t(`checklists.mark.help.${this.tool}`));
  }

  /** Enter puts a mark into the middle, the arrow keys move the last one, Backspace takes it back, Escape leads out. */
  hearKey(event) {
    if (event.key === "Escape") return this.leave();
    if (event.key === "z" && (event.ctrlKey || event.metaKey)) return this.undo();
    if (document.activeElement !== this.view || !this.picture) return undefined;
    const way = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key];
    if (way) this.shift(way);
    else if (event.key === "Enter" || event.key === " ") this.add(this.usual(this.tool, this.within([this.canvas.width / 2, this.canvas.height / 2])));
    else if (event.key === "Backspace" || event.key === "Delete") this.undo();
    else return undefined;
    return event.preventDefault();
  }

  shift([right, down]) {
    const last = this.marks.at(-1);
    if (!last) return;
    const step = STEP * this.longest;
    const moved = ([x, y]) => this.within([x + right * step, y + down * step]);
    const to = {...last, from: moved(last.from), to: moved(last.to)};
    const isWhole = to.from[0] - to.to[0] === last.from[0] - last.to[0] && to.from[1] - to.to[1] === last.from[1] - last.to[1];
    if (isWhole) this.change([...this.marks.slice(0, -1), to]); // at the edge it stays what it is
  }

  add(mark) {
    this.change([...this.marks, mark]);
  }

  undo() {
    this.change(this.marks.slice(0, -1));
  }

  change(marks) {
    this.marks = marks;
    keepDraft(this.dataset.key, marks.length ? JSON.stringify(marks) : "");
    this.draw();
  }

  leave() {
    this.page.querySelector("header a[href]")?.click();
  }

  say(text, isWrong = false) {
    const help = this.querySelector(".mark-help");
    help.textContent = text;
    help.classList.toggle("cue-stop", isWrong);
  }

  // -- the picture ----------------------------------------------------------------------------------------------------------

  draw() {
    if (!this.picture) return;
    const pen = this.canvas.getContext("2d", {willReadFrequently: true});
    pen.drawImage(this.picture, 0, 0);
    paint(pen, [...this.marks, ...(this.drawn ? [this.drawn] : [])], this.longest);
    this.view.setAttribute("aria-label", `${t("checklists.mark.view")} ${t("checklists.mark.count", {n: this.marks.length})}`);
  }

  /** The new picture takes the place of the one that was taken; without a mark nothing changes. */
  async finish() {
    if (!this.picture || this.isBusy) return;
    if (!this.marks.length) return this.leave();
    this.isBusy = true;
    try {
      const form = this.page.querySelector(".mark-done");
      const replica = await device();
      this.drop();
      addHidden(form, await replica.keepBlob(await jpegOf(this.copy())));
      form.requestSubmit();
    } catch (error) {
      this.isBusy = false;
      this.say(t(error?.code ? `floor.not_saved.${error.code}` : "checklists.mark.failed"), true);
      console.warn("mark", error);
    }
  }

  /** What is shown, to be given up: the picture on the screen stays. */
  copy() {
    const made = Object.assign(document.createElement("canvas"), {width: this.canvas.width, height: this.canvas.height});
    made.getContext("2d").drawImage(this.canvas, 0, 0);
    return made;
  }
}

/** @param {string | null} text @returns {Mark[]} */
function marksIn(text) {
  try {
    return JSON.parse(text ?? "[]");
  } catch {
    return [];
  }
}

/** What is hidden is hidden first: arrows lie on top. @param {CanvasRenderingContext2D} pen @param {Mark[]} marks @param {number} longest side */
export function paint(pen, marks, longest) {
  const width = longest / LINES;
  for (const mark of marks) if (mark.tool === "blur") hide(pen, mark, longest);
  Object.assign(pen, {lineCap: "round", lineJoin: "round"});
  for (const mark of marks.filter(({tool}) => tool !== "blur")) {
    const path = mark.tool === "ring" ? ring(mark) : arrow(mark, width);
    for (const [colour, part] of [[RIM, 2], [INK, 1]]) {
      Object.assign(pen, {strokeStyle: colour, lineWidth: width * part});
      pen.stroke(path);
    }
  }
}

function ring({from, to}) {
  const path = new Path2D();
  const [x, y] = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
  path.ellipse(x, y, Math.abs(to[0] - from[0]) / 2, Math.abs(to[1] - from[1]) / 2, 0, 0, 2 * Math.PI);
  return path;
}

/** Its head is where the hand came to: one pulls it to what is meant. */
function arrow({from, to}, width) {
  const path = new Path2D();
  const angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
  path.moveTo(...from);
  path.lineTo(...to);
  for (const side of [-1, 1]) {
    const way = angle + Math.PI + side * HEAD_ANGLE;
    path.moveTo(...to);
    path.lineTo(to[0] + Math.cos(way) * HEAD * width, to[1] + Math.sin(way) * HEAD * width);
  }
  return path;
}

/**
 * Every cell becomes its mean, in few tones: so few and so coarse that no letter and no face can be worked out from them. The pixels are
 * overwritten, nothing lies over them.
 */
function hide(pen, {from, to}, longest) {
  const [left, top] = [Math.min(from[0], to[0]), Math.min(from[1], to[1])];
  const [wide, high] = [Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1])];
  if (!wide || !high) return;
  const cell = Math.max(longest / CELLS, Math.min(wide, high) / CELLS_ACROSS);
  const [columns, lines] = [edges(wide, cell), edges(high, cell)];
  const {data} = pen.getImageData(left, top, wide, high);
  for (let row = 1; row < lines.length; row++) {
    for (let column = 1; column < columns.length; column++) {
      const [x, y, right, bottom] = [columns[column - 1], lines[row - 1], columns[column], lines[row]];
      pen.fillStyle = `rgb(${meanOf(data, wide, [x, y, right, bottom]).join()})`;
      pen.fillRect(left + x, top + y, right - x, bottom - y);
    }
  }
}

/** Where the cells of a length begin and end: all about as large, so that none at the edge is small enough to tell something. */
function edges(length, cell) {
  const count = Math.max(1, Math.floor(length / cell));
  return Array.from({length: count + 1}, (_, n) => Math.round((n * length) / count));
}

function meanOf(data, wide, [left, top, right, bottom]) {
  const sum = [0, 0, 0];
  for (let y = top; y < bottom; y++) {
    for (let at = 4 * (y * wide + left), end = 4 * (y * wide + right); at < end; at += 4) {
      sum[0] += data[at];
      sum[1] += data[at + 1];
      sum[2] += data[at + 2];
    }
  }
  const pixels = (right - left) * (bottom - top);
  return sum.map((value) => Math.round(value / pixels / TONES) * TONES);
}

customElements.define("photo-mark", PhotoMark);
