/** The door: this browser becomes a device, somebody signs in on it, the first fill comes in. Emergency stays one tap away (SAF-1). */

import {replaceWith} from "../answers.js";
import {band, icon, lamp, meter} from "../components.js";
import {html} from "../html.js";
import {layout} from "../layout.js";
import {hint, isApple} from "../place.js";
import {lang, t} from "../words.js";

async function enrol(ctx) {
  const {device, isRevoked, person, isShared, isLocked} = ctx.replica.meta;
  const isFilled = person && ctx.replica.get("me", person) && ctx.replica.all("site").length;
  if (device && isFilled && !isRevoked) return replaceWith(isShared ? "/floor/pin" : "/floor/today");
  if (isLocked && !ctx.query.size) return replaceWith("/floor/lock");
  const page = isRevoked ? revoked(ctx) : device && person ? filling(ctx) : device ? signIn(ctx) : newDevice(ctx);
  return layout(ctx, {hasTabs: false, shows: "status me site", from: isLocked ? "/floor/enrol?wait" : ctx.path, ...page});
}

const emergency = () => html`<a class="btn" href="/floor/emergency">${icon("alarm")}${t("floor.tab.emergency")}</a>`;

function newDevice(ctx) {
  const {warnings, reason} = ctx.replica.status();
  const why = hint();
  const main = html`${warnings.includes("evicted") && band({cue: "stop", text: t("floor.warning.evicted")})}
<div class="pad stack gap-top">
<p class="lead">${t("floor.enrol.lead")}</p>
<p>${t("floor.enrol.text")}</p>
${why && html`<p class="inline">${lamp(why === "insecure" || why === "web_view" ? "stop" : "wait")}<span>${t(`floor.hint.${why}`)}</span></p>`}
${reason && ctx.query.has("go") && html`<p class="inline">${lamp("wait")}<span>${t(`floor.reason.${reason}`)}</span></p>`}
<form id="enrol" class="stack" hx-post="/floor/enrol"${ctx.query.has("go") && html` hx-trigger="load, submit"`}>
<div class="field"><label for="device-name">${t("floor.enrol.name")}</label><input class="input" id="device-name" name="name" maxlength="60" required value="${nameGuess()}" aria-describedby="device-name-help" autocomplete="off"><p class="help" id="device-name-help">${t("floor.enrol.name_help")}</p></div>
<label class="inline tick"><input type="checkbox" class="check" name="shared" value="1"><span>${t("floor.enrol.shared")}</span></label>
</form></div>`;
  return {
    title: t("floor.enrol.title"), main,
    dock: html`${emergency()}<button class="btn btn-main" form="enrol">${t("floor.enrol.do")}</button>`,
  };
}

/** The device is known; nobody has opened it. */
function signIn(ctx) {
  const {device} = ctx.replica.meta;
  const waiting = ctx.replica.status().waiting;
  const main = html`<div class="pad stack gap-top">
<p class="lead">${t("floor.enrol.nobody")}</p>
<p>${t("floor.enrol.device_is", {name: device.name})}</p>
${waiting > 0 && html`<p class="inline">${lamp("wait")}<span>${t("floor.enrol.waiting", {n: waiting})}</span></p>`}
<form id="enrol" hx-post="/floor/enrol"${ctx.query.has("go") && html` hx-trigger="load, submit"`}></form></div>`;
  return {
    title: t("floor.name"), back: ctx.replica.meta.isLocked && "/floor/lock", main, dock: html`${emergency()}<button class="btn btn-main" form="enrol">${t("floor.enrol.sign_in")}</button>`,
  };
}

/** Waiting and trying again may still mend these. */
const PASSING = ["network", "slow", "captive", "busy"];

/** What happened, and one tap to go on; only work that the server will not take asks for a second one. */
function revoked(ctx) {
  const {waiting, reason} = ctx.replica.status();
  const isStuck = waiting > 0 && reason && reason !== "revoked";
  const mayGiveUp = isStuck && !PASSING.includes(reason);
  const main = html`<div class="pad stack gap-top">
<p class="lead">${t("floor.enrol.revoked")}</p>
<p>${waiting > 0 ? t("floor.enrol.revoked_waiting", {n: waiting}) : t("floor.enrol.revoked_text")}</p>
${isStuck && html`<p class="inline">${lamp("stop")}<span>${t(`floor.reason.${reason}`)}</span></p>`}
<form id="enrol" hx-post="/floor/enrol"${ctx.query.has("go") && html` hx-trigger="load, submit"`}></form>
${mayGiveUp && html`<form class="stack" hx-post="/floor/enrol"><input type="hidden" name="give_up" value="1"><p>${
    t("floor.enrol.give_up_text", {n: waiting})
  }</p><p><button class="btn btn-danger">${t("floor.enrol.give_up")}</button></p></form>`}</div>`;
  return {
    title: t("floor.enrol.revoked_title"), main,
    dock: html`<a class="btn" href="/floor/outbox">${t("floor.outbox.title")}</a><button class="btn btn-main" form="enrol">${t("floor.enrol.anew")}</button>`,
  };
}

/** The first fill: how far it is, and what is wrong when it stands still. */
function filling(ctx) {
  const {fill, reason, state} = ctx.replica.status();
  const share = fill?.count ? fill.got / fill.count : 0;
  const number = (n) => new Intl.NumberFormat(lang()).format(n);
  const main = html`<div class="pad stack gap-top" role="status">
<p class="lead">${t("floor.enrol.filling")}</p>
${meter({share, cue: "work", label: t("floor.enrol.filled", {percent: Math.round(share * 100)})})}
<p class="meta">${fill?.count ? t("floor.enrol.fill_count", {got: number(fill.got), count: number(fill.count)}) : t("floor.enrol.fill_start")}</p>
${reason && html`<p class="inline">${lamp(state === "need" ? "stop" : "wait")}<span>${t(`floor.reason.${reason}`)} ${t("floor.enrol.fill_goes_on")}</span></p>`}
</div>`;
  return {title: t("floor.enrol.filling_title"), main, dock: emergency()};
}

function nameGuess() {
  const kind = isApple ? (/iPhone/.test(navigator.userAgent) ? "iPhone" : "iPad") : /Android/.test(navigator.userAgent) ? "Android" : "";
  return kind ? t("floor.enrol.guess", {kind}) : t("floor.enrol.guess_computer");
}

export const pages = {"/floor/enrol": enrol};
