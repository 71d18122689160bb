/** Make this browser a device for whoever is signed in at the office, or sign them in on it. */

import {answer, refusal, replaceWith} from "../answers.js";
import {pages} from "../pages/enrol.js";
import {has, t} from "../words.js";

const KEY = "offstage.enrolling";
const BACK = "/floor/enrol?go=1";

/** What was typed survives the way through the sign-in page. */
function typed(form) {
  const given = form.get("name") && {name: String(form.get("name")).trim(), shared: form.has("shared")};
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY));
    if (given && !kept) sessionStorage.setItem(KEY, JSON.stringify(given));
    return kept ?? given ?? {};
  } catch {
    return given ?? {};
  }
}

async function enrol(ctx) {
  try {
    await ctx.replica.enrol({...typed(ctx.form), giveUp: ctx.form.has("give_up")});
  } catch (failure) {
    return refused(failure);
  }
  sessionStorage.removeItem(KEY);
  if (ctx.replica.meta.isShared) return replaceWith("/floor/enrol"); // a PIN is chosen before anything else
  if (ctx.path !== new URL(location.href).pathname) return replaceWith(location.pathname);
  return pages["/floor/enrol"](ctx);
}

function refused(failure) {
  if (failure.reason === "unknown_device") {
    location.assign(`/signin?next=${encodeURIComponent(BACK)}`);
    return answer("", {status: 204});
  }
  sessionStorage.removeItem(KEY);
  const key = failure.code && has(`errors.${failure.code}`) ? `errors.${failure.code}` : `floor.reason.${failure.reason ?? "server"}`;
  return refusal(t(key, failure.facts));
}

export const verbs = {"POST /floor/enrol": enrol};
