/** What the device's own server answers with. Every answer of ours says so in a header; anything else is never put on the page. */

import {alarm} from "./components.js";
import {html} from "./html.js";

/** The header that tells our fragments from a captive portal's page. */
export const FRAGMENT = "Offstage-Fragment";

/**
 * @param {import("./html.js").Html | string} body
 * @param {{status?: number, headers?: Record<string, string>}} [how] statuses of 400 and above are shown as well, 204 changes nothing
 */
export const answer = (body, {status = 200, headers = {}} = {}) =>
  new Response(status === 204 ? null : String(body), {status, headers: {"Content-Type": "text/html; charset=utf-8", [FRAGMENT]: "1", ...headers}});

/** After a verb: go to another page of the floor. @param {string} path */
export const go = (path) => answer("", {headers: {"HX-Location": JSON.stringify({path, push: "true"})}});

/** As `go`, without a new entry in the history. @param {string} path */
export const replaceWith = (path) => answer("", {headers: {"HX-Location": JSON.stringify({path, replace: "true"})}});

/** The verb did nothing: the page stays as it is, and the corner says why, in red. @param {string} text */
export const refusal = (text) => answer(alarm(text), {status: 500, headers: {"HX-Retarget": "#notices", "HX-Reswap": "innerHTML"}});

/** Besides what is swapped: put this in the corner of notices (a `toast`, an `alarm`). @param {unknown} notice */
export const notice = (notice) => html`<hx-partial hx-target="#notices" hx-swap="innerHTML">${notice}</hx-partial>`;
