/** HTML as values: a tagged template whose every hole is escaped, unless what stands in it is itself such a template. */

const SPECIAL = /[&<>"']/;
const NAMES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"};

/** A piece of safe markup. Made by `html` alone, so that text can never pass for it. */
export class Html {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }
}

/** @param {unknown} value @returns {string} */
export function escape(value) {
  const text = String(value);
  return SPECIAL.test(text) ? text.replace(/[&<>"']/g, (mark) => NAMES[mark]) : text;
}

function filled(value) {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(filled).join("");
  return value === null || value === undefined || value === false ? "" : escape(value);
}

/**
 * html`<p title="${title}">${list.map((one) => html`<b>${one}</b>`)}</p>`. null, undefined and false are nothing, so
 * `${isLate && html`…`}` and `${isOn && html` checked`}` work; an attribute that says "false" is given as text. Attribute values stand in quotes.
 * @param {TemplateStringsArray} strings @param {...unknown} values
 * @returns {Html}
 */
export function html(strings, ...values) {
  let text = strings[0];
  for (let n = 0; n < values.length; n++) text += filled(values[n]) + strings[n + 1];
  return new Html(text);
}

/**
 * Pieces with something between them.
 * @param {unknown[]} pieces empty ones are left out @param {unknown} between
 * @returns {Html}
 */
export function joined(pieces, between) {
  const shown = pieces.filter((piece) => piece || piece === 0);
  return new Html(shown.map(filled).join(filled(between)));
}
