/** <look-switch>: language and look of this browser in one tap. The page is asked again in the new language and morphed: what was typed stays. */

class LookSwitch extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => this.press(event));
    this.show();
  }

  async press(event) {
    const {lang, look} = event.target.closest("[data-lang], [data-look]")?.dataset ?? {};
    if (look) window.offstageLook.choose("look", look);
    if (lang) {
      event.preventDefault();
      window.offstageLook.choose("lang", lang);
      await this.askPage();
    }
    this.show();
  }

  async askPage() {
    const response = await fetch(location.href, {cache: "no-store"});
    if (!window.htmx || !response.ok) return location.reload();
    await window.htmx.swap({text: await response.text(), target: document.body, swap: "innerMorph", sourceElement: document.body});
    // A morph keeps what a hand opened only where the markup says so; the switch itself says its state again.
    return document.querySelector("look-switch")?.show();
  }

  show() {
    const {look, lang} = window.offstageLook.chosen();
    const shown = look === "auto" ? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "bright") : look;
    for (const key of this.querySelectorAll("[data-look]")) key.setAttribute("aria-pressed", String(key.dataset.look === shown));
    for (const key of this.querySelectorAll("[data-lang]")) key.setAttribute("aria-pressed", String(key.dataset.lang === lang));
  }
}

customElements.define("look-switch", LookSwitch);
