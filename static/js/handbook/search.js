/** Finding clauses by what they say, in either language, by number or chapter. */

import {html} from "../floor/html.js";

/** Full-width and upper-case letters are the same to a searcher. */
const plain = (text) => text.normalize("NFKC").toLowerCase();
const termsOf = (q) => plain(q).split(/\s+/).filter(Boolean);

/**
 * Clauses that hold every word asked for.
 * @template T @param {(T & {id: string, zh: string, en: string})[]} rules @param {string} q @param {(rule: T) => string} chapterOf
 */
export function find(rules, q, chapterOf) {
  const terms = termsOf(q);
  if (!terms.length) return rules;
  return rules.filter((rule) => {
    const text = plain(`${rule.id} ${rule.zh} ${rule.en} ${chapterOf(rule)}`);
    return terms.every((term) => text.includes(term));
  });
}

/** The text with what was asked for marked. @param {string} text @param {string} q */
export function marked(text, q) {
  const terms = termsOf(q).map((term) => term.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  if (!terms.length) return text;
  return text.split(new RegExp(`(${terms.join("|")})`, "i")).map((part, n) => (n % 2 ? html`<mark>${part}</mark>` : part));
}
