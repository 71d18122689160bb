/** Outbox and receipts: every action that is not through yet, why, and what can be done; nothing is lost and nothing hides (F27, F30). */

import {chip, empty, icon, kept, lamp, meter, row, section} from "../components.js";
import {html, joined} from "../html.js";
import {layout} from "../layout.js";
import {nameOf} from "../runs.js";
import {reasonOf, redoOf, whatOf} from "../sayings.js";
import {ago, clockTime, dayKey, moment, nearTime} from "../time.js";
import {lang, t} from "../words.js";

const PHOTO_BYTES = 300_000;
const PHOTO_ROOM = 200 * 1024 * 1024;
const LATELY = 20;
/** Reasons that no waiting mends. */
const HARD = ["unknown_device", "forbidden", "revoked", "outdated"];

const isNeeding = (one) => one.state === "rejected" || one.blobs.some(({state}) => state === "unreadable");
const isWaiting = (one) => one.state === "held" || one.state === "parked";

async function outbox(ctx) {
  const {replica} = ctx;
  const all = replica.outbox();
  const need = all.filter(isNeeding);
  const rest = all.filter((one) => !isNeeding(one));
  const groups = [
    ["held", rest.filter(isWaiting)],
    ["sending", rest.filter(({state}) => state === "sending")],
    ["kept", rest.filter(({state}) => state === "kept")],
    ["sent", rest.filter(({state}) => state === "sent")],
  ];
  const [needRows, lately] = await Promise.all([Promise.all(need.map((one) => needRow(ctx, one))), replica.history(LATELY)]);
  const main = html`${intro(ctx, all)}
${need.length > 0 && section({id: "need", title: t("floor.outbox.need"), meta: need.length, body: html`<ul>${needRows}</ul>`})}
${groups.map(([name, rows]) => rows.length > 0 && section({
    id: name, title: t(`floor.outbox.${name}`), meta: rows.length, body: html`<ul class="rows-time">${rows.map((one) => plainRow(ctx, one))}</ul>`,
  }))}
${!all.length && empty({cue: "go", title: t("floor.outbox.empty"), text: t("floor.outbox.empty_text")})}
${lately.length > 0 && section({id: "lately", title: t("floor.outbox.lately"), body: html`<ul class="rows-time">${lately.map((one) => plainRow(ctx, one))}</ul>`})}
${storageSection(replica.status())}`;
  return layout(ctx, {
    title: t("floor.outbox.title"), back: "/floor/today", tab: "more", main, shows: "status",
    dock: html`<button class="btn btn-${all.length ? "main" : "wide"}" hx-post="/floor/outbox/exchange" hx-swap="outerMorph">${icon("retry")}${t(`floor.outbox.${all.length ? "again" : "ask"}`)}</button>`,
  });
}

function intro({replica}, all) {
  const {reason, lastContact, warnings} = replica.status();
  const waiting = all.filter(({state: s}) => s !== "rejected" && s !== "sent").length;
  const contact = t("floor.outbox.contact", {ago: ago(lastContact)});
  const others = replica.queues().filter((queue) => queue.id !== replica.meta.person && queue.waiting);
  const why = reason && html`<p class="pad inline gap-s">${lamp(HARD.includes(reason) ? "stop" : "wait")}<span>${t(`floor.reason.${reason}`)}</span></p>`;
  const anew = replica.meta.isRevoked && html`<p class="pad gap-s"><a class="btn" href="/floor/enrol">${t("floor.enrol.anew")}</a></p>`;
  const signIn = reason === "unknown_device" && html`<p class="pad gap-s"><a class="btn" href="/signin?next=/floor/enrol">${t("floor.enrol.sign_in")}</a></p>`;
  return html`<div class="pad">${waiting > 0 && html`<p>${t("floor.outbox.waiting", {n: waiting})}</p>`}<p class="meta">${contact}</p>${
    others.map(({name, waiting: n}) => html`<p class="meta">${t("floor.outbox.others", {name: name ?? t("floor.someone"), n})}</p>`)
  }</div>${why}${anew || signIn}${
    warnings.includes("unsent_24h") && html`<p class="pad inline">${lamp("stop")}<span>${t("floor.warning.unsent_24h")}</span></p>`
  }`;
}

/** A row that wants a person: what, why, and the ways on. */
async function needRow({replica}, one) {
  const redo = await redoOf(one);
  return row({
    id: `op-${one.id}`, state: "fail", lead: lamp("stop", {label: t("floor.outbox.refused")}), ask: whatOf(replica, one),
    meta: html`<span>${reasonOf(replica, one)}</span><span>${nearTime(one.at)}</span>`,
    wide: html`<div class="inline">${redo && html`<a class="btn" href="${redo}">${icon("retry")}${t("floor.outbox.redo")}</a>`}<a class="btn" href="/floor/receipt/${one.id}">${t("floor.receipt.title")}</a>${
      one.state === "rejected" && html`<button class="btn btn-quiet" hx-post="/floor/outbox/${one.id}/dismissal" hx-swap="outerMorph">${t("floor.outbox.put_away")}</button>`
    }</div>`,
  });
}

function plainRow({replica, now}, one) {
  const isToday = dayKey(one.at) === dayKey(now);
  const state = {kept: "kept", sending: "sending"}[one.state] ?? "sent";
  const noted = one.status === "noted" && chip(t("floor.outbox.noted"), "wait");
  const isLeft = one.state === "given_up";
  const meta = [noted, isLeft && html`<span>${t("floor.receipt.given_up")}</span>`, (one.code || isWaiting(one)) && html`<span>${reasonOf(replica, one)}</span>`, one.blobs.length > 0 && html`<span>${t("floor.outbox.photos", {n: one.blobs.length})}</span>`];
  return row({
    id: `op-${one.id}`, isTime: true, href: `/floor/receipt/${one.id}`, lead: isToday ? clockTime(one.at) : nearTime(one.at).split(" ")[0],
    ask: whatOf(replica, one), meta: meta.some(Boolean) && joined(meta, ""), end: isLeft ? lamp("stop") : isWaiting(one) ? lamp("wait", {label: t("floor.outbox.held")}) : kept(state),
  });
}

function storageSection({storage}) {
  if (!storage.quota) return null;
  const left = Math.min(PHOTO_ROOM, storage.quota - storage.usage);
  const photos = Math.max(0, Math.floor(left / PHOTO_BYTES / 10) * 10);
  const share = storage.usage / storage.quota;
  const cue = share > 0.9 ? "stop" : share > 0.7 ? "wait" : "go";
  const percent = Math.max(1, Math.round(share * 100));
  return section({
    id: "storage", title: t("floor.storage.title"), meta: t("floor.storage.left", {n: new Intl.NumberFormat(lang()).format(photos)}),
    body: html`<div class="pad">${meter({share: Math.max(share, 0.01), cue, label: t("floor.storage.used", {percent})})}<p class="meta gap-s">${
      t(storage.persisted ? "floor.storage.persisted" : "floor.storage.not_persisted")
    }</p></div>`,
  });
}

async function receipt(ctx) {
  const {replica, params} = ctx;
  const one = await replica.receipt(params.id);
  const frame = {title: t("floor.receipt.title"), back: "/floor/outbox", tab: "more", shows: "status"};
  if (!one) return layout(ctx, {...frame, main: empty({title: t("floor.receipt.missing"), text: t("floor.receipt.missing_text")})});
  const redo = isNeeding(one) && (await redoOf(one));
  const main = html`<section class="pad stack">
<p class="inline">${receiptLamp(one)}<b>${t(`floor.receipt.${isNeeding(one) ? "rejected" : one.status === "noted" ? "noted" : one.state}`)}</b></p>
<h2 class="title">${whatOf(replica, one)}</h2>
${reasonOf(replica, one) && html`<p>${reasonOf(replica, one)}</p>`}
<dl class="kv">${facts(ctx, one).map(([label, value]) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>
</section>`;
  return layout(ctx, {...frame, main, dock: redo && html`<a class="btn btn-main" href="${redo}">${t("floor.outbox.redo")}</a>`});
}

function receiptLamp(one) {
  if (isNeeding(one) || one.state === "given_up") return lamp("stop");
  if (one.state === "kept" || isWaiting(one) || one.status === "noted") return lamp("wait");
  return lamp(one.state === "sending" ? "work" : "go");
}

/** What a receipt proves: who, when by which clock, under which number. */
function facts({replica}, one) {
  const said = one.status ? t(`floor.verdict.${one.status}`) : t("floor.receipt.no_word");
  return [
    [t("floor.receipt.by"), nameOf(replica, one.actor)],
    [t("floor.receipt.at"), html`<time datetime="${new Date(one.at).toISOString()}">${moment(one.at + (one.offset ?? 0))}</time>`],
    Math.abs(one.offset ?? 0) > 5000 && [t("floor.receipt.device_at"), moment(one.at)],
    [t("floor.receipt.said"), said],
    one.settled_at && [t("floor.receipt.settled_at"), moment(one.settled_at)],
    one.blobs.length > 0 && [t("floor.receipt.photos"), t("floor.receipt.photos_sent", {n: one.blobs.length, sent: one.blobs.filter(({state}) => state === "sent").length})],
    one.exception && [t("floor.receipt.exception"), one.exception],
    [t("floor.receipt.number"), one.seq],
    [t("floor.receipt.id"), html`<code>${one.id}</code>`],
  ].filter(Boolean);
}

export const pages = {"/floor/outbox": outbox, "/floor/receipt/:id": receipt};
