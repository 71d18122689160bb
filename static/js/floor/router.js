/** Which function answers an address of the floor, and with what in its hands. */

import {features} from "./features.js";

/**
 * What a page or verb is given.
 * @typedef {{
 *   replica: any,
 *   params: Record<string, string>,
 *   query: URLSearchParams,
 *   form: FormData,
 *   lang: "zh" | "en",
 *   person: string | null,
 *   now: number,
 *   path: string,
 *   request: Request,
 * }} Context
 * `form` is empty for a page; `person` is the id of who is unlocked; `now` is server time in ms, as well as known.
 */

/** @type {Map<object, {test: (path: string) => Record<string, string> | null, run: Function}[]>} */
const compiled = new Map();

/** "/floor/run/:id" → a function from a path to its parameters, or null. @param {string} pattern */
function matcher(pattern) {
  const wanted = pattern.split("/");
  return (path) => {
    const found = path.split("/");
    if (found.length !== wanted.length) return null;
    const params = {};
    for (let n = 0; n < wanted.length; n++) {
      if (wanted[n][0] === ":") params[wanted[n].slice(1)] = decodeURIComponent(found[n]);
      else if (wanted[n] !== found[n]) return null;
    }
    return params;
  };
}

function compile(table) {
  let list = compiled.get(table);
  if (!list) {
    // An address without parameters wins over one with.
    list = Object.entries(table)
      .sort(([a], [b]) => Number(a.includes(":")) - Number(b.includes(":")))
      .map(([pattern, run]) => ({test: matcher(pattern), run}));
    compiled.set(table, list);
  }
  return list;
}

/** @param {string} path "/floor/run/…" @returns {import("./features.js").Feature | undefined} */
export function featureOf(path) {
  const word = path.split("/")[2];
  return Object.hasOwn(features, word) ? features[word] : undefined;
}

/**
 * @param {string} method @param {string} path
 * @returns {Promise<{run: Function, params: Record<string, string>} | null>}
 */
export async function route(method, path) {
  const feature = featureOf(path);
  const isPage = method === "GET";
  const load = isPage ? feature?.pages : feature?.verbs;
  if (!load) return null;
  const module = await load();
  for (const {test, run} of compile(isPage ? module.pages : module.verbs)) {
    const params = test(isPage ? path : `${method} ${path}`);
    if (params) return {run, params};
  }
  return null;
}
