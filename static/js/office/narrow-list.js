/** <narrow-list>: its search field leaves, while one types, only the `[data-said]` that contain every word. Nothing is asked of the server. */

class NarrowList extends HTMLElement {
  connectedCallback() {
    this.addEventListener("input", (event) => event.target.matches("input[type=search]") && this.narrow(event.target.value));
  }

  narrow(typed) {
    const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    for (const one of this.querySelectorAll("[data-said]")) {
      one.hidden = !words.every((word) => one.dataset.said.toLowerCase().includes(word));
      left += one.hidden ? 0 : 1;
    }
    for (const group of this.querySelectorAll("[data-group]")) group.hidden = !group.querySelector("[data-said]:not([hidden])");
    const none = this.querySelector("[data-none]");
    if (none) none.hidden = left > 0;
  }
}

customElements.define("narrow-list", NarrowList);
