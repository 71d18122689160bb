/** The product's words in the language of the reader (GEN-8). A switch of language is heard everywhere. */

const loaders = {
  zh: () => import("../../words/zh.js"),
  en: () => import("../../words/en.js"),
};

/** @type {"zh" | "en"} */
let spoken = document.documentElement.lang.startsWith("en") ? "en" : "zh";
let words = (await loaders[spoken]()).default;

/** The language spoken now. @returns {"zh" | "en"} */
export const lang = () => spoken;

/** Speak another language from now on; the caller renders again. @param {"zh" | "en"} next */
export async function speak(next) {
  words = (await loaders[next]()).default;
  spoken = next;
}

/**
 * The text of `key`, its {places} filled. Of two forms ("{n} item|{n} items") the parameter `n` chooses. A missing key shows itself as ⟦key⟧.
 * @param {string} key @param {Record<string, unknown>} [params]
 * @returns {string}
 */
export function t(key, params) {
  let text = words[key];
  if (text === undefined) return `⟦${key}⟧`;
  if (!params) return text;
  if (text.includes("|") && "n" in params) text = text.split("|")[Number(params.n) === 1 ? 0 : 1];
  return text.replace(/\{(\w+)\}/g, (place, name) => (name in params ? String(params[name] ?? "") : place));
}

/** Whether the catalogue has a word. @param {string} key */
export const has = (key) => key in words;

/**
 * The one of two texts that the reader reads.
 * @param {{zh?: string, en?: string} | string | null | undefined} names @returns {string}
 */
export function pick(names) {
  if (!names) return "";
  return typeof names === "string" ? names : (names[spoken] || names.zh || names.en || "");
}
