/**
 * <scan-camera id="…" hx-morph-skip>: reads codes with the camera (F5, F7). A tap starts it; after 30 s without a code it rests until the
 * next tap. What it does once it is open is in `stock/camera.js`, loaded with the first tap. data-state says how it stands: off | starting |
 * on | resting | denied | none | busy | insecure | broken.
 *
 * `scan` event, bubbles. detail: {raw: string, format: string, via: "camera"}
 */

import {icon} from "../floor/components.js";
import {html} from "../floor/html.js";
import {t} from "../floor/words.js";

class ScanCamera extends HTMLElement {
  connectedCallback() {
    if (!this.video) this.draw();
    this.show("off");
  }

  disconnectedCallback() {
    this.camera?.stop("off");
  }

  draw() {
    this.innerHTML = html`<video muted playsinline aria-hidden="true"></video>
<svg class="aim" viewBox="0 0 196 122" aria-hidden="true"><path d="M2 18V2h22M172 2h22v16M194 104v16h-22M24 120H2v-16"/></svg>
<button type="button" class="view-go" data-go>${icon("camera")}<span></span></button><p class="sr" role="status"></p>
<div class="view-keys"><button type="button" class="key" data-light>${icon("torch")}${t("scan.torch")}</button>
<button type="button" class="key" data-zoom aria-label="${t("scan.zoom")}"></button>
<button type="button" class="key" data-rest>${icon("cross")}${t("scan.rest")}</button>
<button type="button" class="key" data-hand>${icon("keys")}${t("scan.type")}</button></div>`;
    this.video = this.querySelector("video");
    this.addEventListener("click", ({target}) => this.press(target.closest("button")?.dataset ?? {}));
  }

  press({go, light, zoom, rest, hand}) {
    this.camera?.use();
    if (go !== undefined) this.start();
    if (light !== undefined) this.camera.light();
    if (zoom !== undefined) this.camera.zoom();
    if (rest !== undefined) this.camera.stop("resting");
    if (hand !== undefined) document.querySelector("scan-field[auto]")?.type();
  }

  async start() {
    this.show("starting");
    const loaded = await import("../stock/camera.js").catch(() => null);
    if (!loaded) return this.show("broken");
    this.camera ??= new loaded.Camera(this);
    await this.camera.start();
  }

  /** @param {string} state */
  show(state) {
    this.dataset.state = state;
    const text = state === "on" ? "" : t(`scan.camera.${state}`);
    for (const place of this.querySelectorAll(state === "off" ? ".view-go > span" : ".view-go > span, [role=status]")) place.textContent = text;
  }

  /** Only what this camera can do, and a way to type where there is a field. @param {MediaStreamTrack} track */
  showKeys(track) {
    const {torch, zoom} = track.getCapabilities?.() ?? {};
    const now = track.getSettings();
    const [light, near, hand] = ["light", "zoom", "hand"].map((name) => this.querySelector(`[data-${name}]`));
    light.hidden = !torch;
    light.setAttribute("aria-pressed", Boolean(now.torch));
    near.hidden = !zoom || zoom.max < zoom.min * 2;
    near.textContent = zoom ? `${Math.round(now.zoom / zoom.min)}×` : "";
    hand.hidden = !document.querySelector("scan-field[auto]");
  }

  /** @param {{raw: string, format: string}} code */
  found({raw, format}) {
    this.dispatchEvent(new CustomEvent("scan", {bubbles: true, detail: {raw, format, via: "camera"}}));
  }
}

customElements.define("scan-camera", ScanCamera);
