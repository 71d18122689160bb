/** <time-zone>: its select begins with the browser's own zone, unless one was chosen before (`chosen`). */

class TimeZone extends HTMLElement {
  connectedCallback() {
    if (this.hasAttribute("chosen")) return;
    const select = this.querySelector("select");
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if ([...select.options].some(({value}) => value === own)) select.value = own;
  }
}

customElements.define("time-zone", TimeZone);
