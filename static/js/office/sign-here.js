/**
 * <sign-here name="signature" written="李娜" printed="李娜 · 当班组长">: signing by mouse, pen or finger, or with the written name by the
 * keyboard. The form around gets the PNG as a data address in a hidden field; without a signature it is not sent and the line says so.
 */

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 900;
const HEIGHT = 320;

class SignHere extends HTMLElement {
  strokes = [];
  isWritten = false;

  connectedCallback() {
    if (this.pad) return;
    this.pad = this.querySelector(".sign");
    this.label = this.querySelector(".sign .meta");
    this.pad.append((this.ink = this.make("svg", {class: "ink", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true"})));
    this.field = Object.assign(document.createElement("input"), {type: "hidden", name: this.getAttribute("name")});
    this.append(this.field);
    this.pad.addEventListener("pointerdown", (event) => this.begin(event));
    this.pad.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) this.pad.addEventListener(name, () => (this.stroke = null));
    this.addEventListener("click", ({target}) => {
      if (target.closest("[data-clear]")) this.change([], false);
      if (target.closest("[data-written]")) this.change([], true);
    });
    // Before htmx or the browser takes the form's fields.
    this.closest("form").addEventListener("submit", (event) => this.hand(event), {capture: true});
  }

  make(name, attributes) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
    return made;
  }

  point({clientX, clientY}) {
    const box = this.pad.getBoundingClientRect();
    return [Math.round(((clientX - box.left) / box.width) * WIDTH), Math.round(((clientY - box.top) / box.height) * HEIGHT)];
  }

  begin(event) {
    if (event.button) return;
    event.preventDefault();
    this.pad.setPointerCapture(event.pointerId);
    this.isWritten = false;
    this.strokes.push((this.stroke = [this.point(event)]));
    this.draw();
  }

  move(event) {
    if (!this.stroke) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) this.stroke.push(this.point(one));
    this.draw();
  }

  change(strokes, isWritten) {
    [this.strokes, this.isWritten] = [strokes, isWritten];
    this.draw();
  }

  get isEmpty() {
    return !this.strokes.length && !this.isWritten;
  }

  path(stroke) {
    return `M${stroke.map((point) => point.join(" ")).join("L")}${stroke.length === 1 ? "l.1 .1" : ""}`;
  }

  draw() {
    const made = this.strokes.map((stroke) => this.make("path", {d: this.path(stroke), "vector-effect": "non-scaling-stroke"}));
    if (this.isWritten) {
      const text = this.make("text", {x: 40, y: HEIGHT * 0.55, "font-size": 90, "font-style": "italic", class: "ink-name"});
      text.textContent = this.getAttribute("written");
      made.push(text);
    }
    this.ink.replaceChildren(...made);
    this.label.textContent = this.getAttribute("printed");
    this.label.classList.remove("cue-stop");
  }

  hand(event) {
    if (event.submitter?.hasAttribute("data-unsigned")) return;
    if (this.isEmpty) {
      event.preventDefault();
      event.stopImmediatePropagation();
      this.label.textContent = this.getAttribute("missing");
      this.label.classList.add("cue-stop");
      this.querySelector("[data-written]")?.focus();
      return;
    }
    this.field.value = this.picture();
  }

  /** Dark on white whatever the look of the screen, so that it prints. */
  picture() {
    const canvas = Object.assign(document.createElement("canvas"), {width: WIDTH, height: HEIGHT + 60});
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    Object.assign(pen, {strokeStyle: "#1b1a17", fillStyle: "#1b1a17", lineWidth: 4, lineCap: "round", lineJoin: "round"});
    for (const stroke of this.strokes) pen.stroke(new Path2D(this.path(stroke)));
    const face = getComputedStyle(this).fontFamily;
    if (this.isWritten) {
      pen.font = `italic 90px ${face}`;
      pen.fillText(this.getAttribute("written"), 40, HEIGHT * 0.55, WIDTH - 80);
    }
    pen.lineWidth = 1.5;
    pen.stroke(new Path2D(`M24 ${HEIGHT - 12}H${WIDTH - 24}`));
    pen.font = `26px ${face}`;
    pen.fillText(this.getAttribute("printed"), 24, HEIGHT + 32, WIDTH - 48);
    return canvas.toDataURL("image/png");
  }
}

customElements.define("sign-here", SignHere);
