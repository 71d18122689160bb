/** <print-page>: its button prints the page; with `now` the page is there to be printed, and asks at once. */

class PrintPage extends HTMLElement {
  connectedCallback() {
    this.querySelector("button").addEventListener("click", () => window.print());
    if (this.hasAttribute("now")) addEventListener("load", () => window.print(), {once: true});
  }
}

customElements.define("print-page", PrintPage);
