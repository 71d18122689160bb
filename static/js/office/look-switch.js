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
    const unfolded = [...document.querySelectorAll("details")].map((one) => one.open);
    await window.htmx.swap({text: await response.text(), target: document.body, swap: "innerMorph", sourceElement: document.body});
    // The answer has everything folded; it is the same page, so the same places are opened again.
    document.querySelectorAll("details").forEach((one, place) => (one.open = unfolded[place] ?? one.open));
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
