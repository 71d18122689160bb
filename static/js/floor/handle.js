/**
 * The device's own server: a request in, a page or fragment out, from the replica alone. htmx gives every /floor/ request here instead of to
 * the network, so a tap is answered in milliseconds and in airplane mode.
 */

import {empty} from "./components.js";
import {answer, refusal} from "./answers.js";
import {device} from "./device.js";
import {html} from "./html.js";
import {layout} from "./layout.js";
import {featureOf, route} from "./router.js";
import {now} from "./time.js";
import {has, lang, t} from "./words.js";

/** Verbs that have not answered yet. @type {Set<Promise<unknown>>} */
const going = new Set();

/**
 * Remember a verb from the moment it was asked for; the lock alone waits for the others.
 * @param {Request} request @param {Promise<Response>} work
 */
export function remembered(request, work) {
  if (request.method === "GET" || new URL(request.url).pathname === "/floor/lock") return work;
  going.add(work);
  return work.finally(() => going.delete(work));
}

/** When every verb that was asked for by now has kept what it keeps. */
export const settled = () => Promise.allSettled([...going]);

/**
 * @param {Request} request to an address under /floor/
 * @returns {Promise<Response>} always with the header Offstage-Fragment: 1
 */
export async function handle(request) {
  const path = new URL(request.url).pathname;
  const ctx = await contextOf(request, path);
  try {
    const found = await doorOf(ctx, request.method, path);
    if (!found) return missing(ctx);
    ctx.params = found.params;
    if (request.method !== "GET") ctx.form = await formOf(request);
    const made = await found.run(ctx);
    return made instanceof Response ? made : answer(made);
  } catch (error) {
    return failed(ctx, error);
  }
}

async function contextOf(request, path) {
  const replica = await device();
  const {searchParams} = new URL(request.url);
  return {
    replica, path, request, query: searchParams, params: {}, form: new FormData(), lang: lang(), now: now(),
    person: replica.meta.person,
  };
}

/** An address that needs a person shows the door while there is none; the address stays, so that a reload leads on. */
async function doorOf(ctx, method, path) {
  const feature = featureOf(path);
  if (feature && !feature.isOpen && !isReady(ctx.replica)) return route("GET", ctx.replica.meta.isLocked ? "/floor/lock" : "/floor/enrol");
  return route(method, path);
}

/** Enrolled, somebody is unlocked, and the first fill has brought who they are and where. */
function isReady(replica) {
  const {device: enrolled, isRevoked, person} = replica.meta;
  return Boolean(enrolled && !isRevoked && person && replica.get("me", person) && replica.all("site").length);
}

const formOf = (request) => (request.headers.get("Content-Type") ? request.formData() : new FormData());

function missing(ctx) {
  const main = empty({
    title: t("floor.missing.title"), text: t("floor.missing.text"),
    action: html`<a class="btn" href="/floor/today">${t("floor.missing.today")}</a>`,
  });
  return answer(layout(ctx, {title: t("floor.missing.title"), back: "/floor/today", main}), {status: 404});
}

/** A verb that failed leaves the page as it is and says so in red; a page that failed says who can help. */
function failed(ctx, error) {
  const isPage = ctx.request.method === "GET";
  const text = sentenceOf(error);
  if (!error.code) console.error(error);
  if (!isPage) return refusal(text);
  const main = empty({
    cue: "stop", title: t("floor.broken.title"), text: html`${t("floor.broken.text")}<br><small>${error.message}</small>`,
    action: html`<a class="btn" href="${ctx.path}">${t("floor.broken.again")}</a>`,
  });
  return answer(layout(ctx, {title: t("floor.broken.title"), back: "/floor/today", main}), {status: 500});
}

/** What was not kept, and what to do about it. @param {any} error */
export function sentenceOf(error) {
  const key = `floor.not_saved.${error.code}`;
  return has(key) ? t(key) : t("floor.not_saved.other", {reason: error.message});
}
