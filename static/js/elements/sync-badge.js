/** <sync-badge>: the badge in the top line follows the replica. The page draws it first, so it is right from the first paint. */

import {device} from "../floor/device.js";
import {badge} from "../floor/layout.js";

class SyncBadge extends HTMLElement {
  async connectedCallback() {
    const replica = await device();
    if (!this.isConnected) return;
    this.stop = replica.on("status", () => this.draw(replica.status()));
    this.draw(replica.status());
  }

  disconnectedCallback() {
    this.stop?.();
  }

  /** Only what differs is touched: the link keeps its focus, and a reader hears a change once. */
  draw(status) {
    const next = String(badge(status));
    if (next === this.shown) return;
    this.shown = next;
    const template = document.createElement("template");
    template.innerHTML = next;
    const [old, fresh] = [this.querySelector(".sync"), template.content.firstElementChild];
    if (!old) return;
    old.dataset.state = fresh.dataset.state;
    for (const part of ["svg", "span"]) old.querySelector(part).replaceWith(fresh.querySelector(part));
  }
}

customElements.define("sync-badge", SyncBadge);
