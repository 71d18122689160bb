/** Finding products among tens of thousands by what a person types: a code, an SKU or its beginning, part of a name (F33). */

import {readCode} from "./codes.js";

const KIND = "product";

/**
 * What is searched, a line a product: SKU, names and codes, each ended by a line break.
 * @type {Promise<{id: string, text: string, isActive: boolean}[]> | null}
 */
let standing = null;

/** Full-width and upper-case letters are the same to a searcher. Few texts hold any of the former, and looking is quicker than changing. */
const plain = (text) => (/[\u00a0-\u00ff\u3000\uff00-\uffef]/.test(text) ? text.normalize("NFKC") : text).toLowerCase();

/** Make ready what is searched, in idle time before somebody types. @param {import("../replica/index.js").Replica} replica */
export function prepare(replica) {
  standing ??= build(replica);
  return standing;
}

async function build(replica) {
  // No browser says that memory is short, but a hidden page is the first that it ends.
  const hide = () => document.hidden && drop();
  const stop = replica.on("change", ({kinds}) => kinds.includes(KIND) && drop());
  const drop = () => {
    standing = null;
    stop();
    document.removeEventListener("visibilitychange", hide);
  };
  document.addEventListener("visibilitychange", hide);
  const lines = [];
  for await (const products of replica.scan(KIND)) {
    for (const {id, sku, zh, en, codes, status} of products) {
      const text = plain(`${sku}\n${zh}\n${en}\n${codes.map(({code}) => `${code}\n`).join("")}`);
      lines.push({id, text, isActive: status === "active"});
    }
  }
  return lines;
}

/**
 * The products that hold every word of `text`, the likeliest first: the one with exactly this code or SKU, SKUs that begin so, names that
 * do, the others; what is archived comes last.
 * @param {import("../replica/index.js").Replica} replica @param {string} text @param {{limit?: number}} [options]
 * @returns {Promise<any[]>}
 */
export async function search(replica, text, {limit = 30} = {}) {
  const asked = plain(text).trim();
  if (!asked) return [];
  const [exact, lines] = await Promise.all([replica.find(KIND, readCode(text).key), prepare(replica)]);
  const found = await Promise.all(best(lines, asked, limit).map(({id}) => replica.fetch(KIND, id)));
  return [...new Map([...exact, ...found].filter(Boolean).map((product) => [product.id, product])).values()].slice(0, limit);
}

function best(lines, asked, limit) {
  const words = asked.split(/\s+/);
  const rank = ({text, isActive}) => {
    const likely = text.startsWith(`${asked}\n`) ? 0 : text.startsWith(asked) ? 1 : text.includes(`\n${asked}`) ? 2 : 3;
    return likely + (isActive ? 0 : 4);
  };
  const found = [];
  for (const line of lines) {
    if (!words.every((word) => line.text.includes(word))) continue;
    const one = {id: line.id, rank: rank(line), text: line.text};
    if (found.length === limit && !isBefore(one, found.at(-1))) continue;
    const at = found.findIndex((other) => isBefore(one, other));
    found.splice(at < 0 ? found.length : at, 0, one);
    found.length = Math.min(found.length, limit);
  }
  return found;
}

const isBefore = (a, b) => a.rank < b.rank || (a.rank === b.rank && a.text < b.text);
