/* Look, text size and language stand on <html> before anything is painted, so nothing flashes. Runs blocking, in the head; also asked later
   by the switches (window.offstageLook). Kept per device in localStorage; the language also in a cookie, for the office's pages. */
(() => {
  const root = document.documentElement;
  const PAPER = {bright: "#f7f6f2", dark: "#151513", "studio-dim": "#080807"};

  const read = (name) => {
    try {
      return localStorage.getItem(`offstage.${name}`);
    } catch {
      return null;
    }
  };

  const cookie = document.cookie.match(/(?:^|; )offstage-lang=(zh|en)/)?.[1];
  const preferred = () => (navigator.languages ?? []).map((tag) => tag.slice(0, 2)).find((tag) => tag === "zh" || tag === "en");

  /** What is chosen: look bright | dark | studio-dim | auto, size normal | large | largest, lang zh | en. */
  const chosen = () => ({
    look: PAPER[read("look")] ? read("look") : "auto",
    size: read("size") ?? "normal",
    lang: read("lang") ?? cookie ?? preferred() ?? "zh",
  });

  const apply = () => {
    const {look, size, lang} = chosen();
    if (look === "auto") delete root.dataset.look;
    else root.dataset.look = look;
    if (size === "normal") delete root.dataset.size;
    else root.dataset.size = size;
    root.lang = lang === "zh" ? "zh-CN" : "en";
    const isDark = look === "auto" ? matchMedia("(prefers-color-scheme: dark)").matches : look !== "bright";
    document.querySelector("meta[name=theme-color]")?.setAttribute("content", PAPER[look] ?? PAPER[isDark ? "dark" : "bright"]);
  };

  const choose = (name, value) => {
    try {
      localStorage.setItem(`offstage.${name}`, value);
    } catch {
      // private mode: the choice holds for this page
    }
    if (name === "lang") document.cookie = `offstage-lang=${value}; Path=/; Max-Age=31536000; SameSite=Lax`;
    apply();
  };

  /** The one file of the floor whose name its page cannot know: it comes with the others, not when a module asks for it. */
  const fetchWords = () => {
    const link = document.createElement("link");
    link.rel = "modulepreload";
    link.href = new URL(`../words/${chosen().lang}.js`, document.currentScript.src).href;
    document.head.append(link);
  };

  apply();
  if (location.pathname.startsWith("/floor/")) fetchWords();
  matchMedia("(prefers-color-scheme: dark)").addEventListener?.("change", apply);
  window.offstageLook = {chosen, choose};
})();
