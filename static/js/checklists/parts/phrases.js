/** Words that are said again and again about what is wrong, one tap each (F18): those of the list first, then those of this kind of item. */

/** What goes wrong where such a list is worked through. A list of one's own has the words of its kinds. @type {Record<string, string[]>} */
const OF_LIST = {
  "CL-SAFE": ["blocked", "expired", "no_power", "loose"],
  "CL-SET": ["wrong_place", "creased", "blocked", "loose"],
  "CL-LGT": ["no_power", "flickers", "wrong_colour", "loose"],
  "CL-CAM": ["no_power", "blurred", "no_signal", "loose"],
  "CL-AUD": ["no_sound", "noise", "no_power", "loose"],
  "CL-NET": ["no_signal", "too_slow", "drops_out", "no_power"],
  "CL-PRP": ["wrong_place", "wrong_label", "dirty", "loose"],
  "CL-SMP": ["wrong_label", "packaging", "expired", "wrong_count"],
  "CL-DOC": ["wrong_text", "wrong_price", "expired", "missing"],
  "CL-AIR": ["no_signal", "drops_out", "no_sound", "wrong_price"],
  "CL-STRK": ["wrong_place", "wrong_count", "dirty", "not_working"],
  "CL-WHO": ["blocked", "no_power", "dirty", "wrong_place"],
  "CL-WHC": ["left_on", "not_locked", "blocked", "wrong_place"],
  "CL-GRN": ["wrong_count", "packaging", "wrong_label", "expired"],
  "CL-RET": ["packaging", "used", "wrong_goods", "missing"],
  "CL-PCK": ["wrong_goods", "wrong_count", "wrong_label", "packaging"],
  "CL-EQM": ["not_working", "worn", "loose", "no_power"],
};

const SEEN = ["missing", "damaged", "dirty", "wrong_place"];

/** @type {Record<string, string[]>} */
const OF_KIND = {
  tick: [...SEEN, "no_power", "not_working", "loose"],
  number: ["too_high", "too_low", "unsteady", "cannot_measure"],
  photo: [...SEEN, "creased", "blocked"],
  scan: ["missing", "no_code", "code_unreadable", "damaged"],
};

/** Said of anything. */
const ALWAYS = ["being_fixed"];
const MOST = 8;

/** @param {string} code of the list @param {{kind: string}} item @returns {string[]} names of words under `checklists.phrase` */
export function phrasesOf(code, {kind}) {
  // Of a number only the measuring is in question; what it hangs on comes after that.
  const [first, then] = kind === "number" ? [OF_KIND.number, OF_LIST[code]] : [OF_LIST[code], OF_KIND[kind] ?? OF_KIND.tick];
  return [...new Set([...(first ?? []), ...(then ?? OF_KIND.tick)])].slice(0, MOST - ALWAYS.length).concat(ALWAYS);
}

/** The note with the phrase at its end, or without it where it has it already. @param {string} note @param {string} phrase @param {string} mark between phrases */
export function withPhrase(note, phrase, mark) {
  const said = note.split(mark).filter(Boolean);
  return (said.includes(phrase) ? said.filter((one) => one !== phrase) : [...said, phrase]).join(mark);
}

/** @param {string} note @param {string} phrase @param {string} mark */
export const hasPhrase = (note, phrase, mark) => note.split(mark).includes(phrase);
