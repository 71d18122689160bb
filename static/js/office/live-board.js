/**
 * <live-board from="/…" every="5">: asks again every few seconds while somebody can see it, and morphs what changed. The server answers 304
 * when nothing did. While the server is not reached it says so: a board that stands still must not look alive.
 */

const SLOWEST_S = 60;

class LiveBoard extends HTMLElement {
  etag = null;
  failed = 0;

  connectedCallback() {
    this.onSight = () => document.visibilityState === "visible" && this.ask();
    document.addEventListener("visibilitychange", this.onSight);
    this.schedule();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.onSight);
    clearTimeout(this.timer);
    this.request?.abort();
  }

  schedule() {
    clearTimeout(this.timer);
    const every = Number(this.getAttribute("every")) || 5;
    this.timer = setTimeout(() => this.ask(), Math.min(SLOWEST_S, every * 2 ** this.failed) * 1000);
  }

  /** Nobody looks, or somebody is in the middle of something here. */
  get isBusy() {
    const focused = document.activeElement;
    const isTyping = focused !== this && this.contains(focused) && focused.matches("input, textarea, select");
    return document.visibilityState !== "visible" || isTyping || Boolean(this.querySelector("details[open] form"));
  }

  async ask() {
    if (this.isBusy || this.request) return this.schedule();
    this.request = new AbortController();
    try {
      await this.take(await fetch(this.getAttribute("from"), {headers: this.headers, cache: "no-store", signal: this.request.signal}));
      this.said(0);
    } catch (error) {
      if (error.name === "AbortError") return undefined;
      this.said(this.failed + 1);
    } finally {
      this.request = null;
    }
    return this.isConnected && this.schedule();
  }

  get headers() {
    return {"HX-Request": "true", "HX-Request-Type": "partial", ...(this.etag && {"If-None-Match": this.etag})};
  }

  async take(response) {
    if (response.status === 304) return;
    const elsewhere = response.headers.get("HX-Redirect");
    if (elsewhere) return void location.assign(elsewhere);
    if (!response.ok || !response.headers.has("Offstage-Fragment")) throw new Error(`answered ${response.status}`);
    const text = await response.text();
    this.etag = response.headers.get("ETag");
    if (this.isConnected && !this.isBusy) await window.htmx.swap({text, target: this, swap: "innerMorph", sourceElement: this});
  }

  said(failed) {
    this.failed = failed;
    this.toggleAttribute("data-still", failed > 1);
  }
}

customElements.define("live-board", LiveBoard);
