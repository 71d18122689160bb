/** The lock screen: who is it, and their PIN; playbooks are one tap away for everybody (SAF-1). And the page where a PIN is chosen. */

import "../../elements/pin-pad.js";
import {FEWEST_DIGITS, MOST_DIGITS, MOST_TRIES, mayChoose, pinOf} from "../../replica/people.js";
import {replaceWith} from "../answers.js";
import {icon, lamp, tape, who} from "../components.js";
import {html} from "../html.js";
import {layout} from "../layout.js";
import {t} from "../words.js";

/** @typedef {{id: string, name: string, waiting: number, need: number, pin: {digits: number, left: number} | null}} Face */

/** Where a person goes on after unlocking: where they were, unless somebody else was there. @param {boolean} isSame */
export function onwards(isSame) {
  const {pathname, search} = location;
  return isSame && !/^\/floor\/(lock|pin|enrol)/.test(pathname) ? pathname + search : "/floor/today";
}

/** Everybody who works here, in the order of coming, and how much of theirs waits. @returns {Face[]} */
function facesOf(replica) {
  const queues = new Map(replica.queues().map((queue) => [queue.id, queue]));
  return replica.meta.persons.map(({id, name}) => {
    const {waiting = 0, need = 0} = queues.get(id) ?? {};
    return {id, name: name ?? t("floor.someone"), waiting, need, pin: pinOf(replica, id)};
  });
}

/** After the lock key somebody else is expected; after a pause or a relaunch the one who was there. */
function chosenOf(ctx, faces) {
  const asked = ctx.query.get("who") ?? ctx.replica.meta.last;
  return faces.find(({id}) => id === asked) ?? (faces.length === 1 ? faces[0] : undefined);
}

export async function lock(ctx) {
  const {replica} = ctx;
  const {isLocked, person, last} = replica.meta;
  if (!isLocked) return replaceWith(person ? onwards(person === last) : "/floor/enrol");
  const faces = facesOf(replica);
  const chosen = chosenOf(ctx, faces);
  const main = html`<div class="lock"><section class="pad" aria-labelledby="who">
<h2 class="lead" id="who">${t("floor.lock.who")}</h2>
<div class="faces" role="radiogroup" aria-labelledby="who">${faces.map((face) => faceKey(face, face === chosen, !chosen && face === faces[0]))}</div>
${notes(replica, faces)}
<p class="gap-s"><button class="btn btn-wide" hx-post="/floor/enrol">${icon("user")}${t("floor.lock.other")}</button></p></section>
<section class="pad lock-pin" aria-labelledby="pin">${pinPart(chosen)}</section></div>`;
  return layout(ctx, {
    title: t("floor.lock.title"), heading: html`${tape(replica.meta.device.name)}`, sub: t("floor.lock.sub"), isLock: true, main,
    shows: "device status", from: `/floor/lock${ctx.query.has("who") || chosen ? `?who=${chosen?.id ?? ""}` : ""}`,
  });
}

/** @param {Face} face */
function faceKey(face, isChosen, isFirst) {
  const state = face.need ? html`${lamp("stop")}${t("floor.lock.need", {n: face.need})}`
    : face.waiting ? t("floor.lock.waiting", {n: face.waiting})
      : !face.pin ? t("floor.lock.no_pin") : !face.pin.left && html`${icon("lock")}${t("floor.lock.frozen")}`;
  return html`<button class="face" id="face-${face.id}" role="radio" aria-checked="${String(isChosen)}" tabindex="${isChosen || isFirst ? 0 : -1}" hx-get="/floor/lock?who=${face.id}" hx-swap="outerMorph">${
    who(face, "l")}<span>${face.name}</span>${state && html`<span class="meta">${state}</span>`}</button>`;
}

/** Nothing is lost by a switch; who has left may still have something here. */
function notes(replica, faces) {
  const left = replica.queues().filter(({id, waiting}) => waiting && !faces.some((face) => face.id === id));
  const said = left.map(({name, waiting}) => t("floor.lock.left", {name: name ?? t("floor.someone"), n: waiting}));
  if (faces.some(({waiting}) => waiting)) said.push(t("floor.lock.kept"));
  return said.map((text) => html`<p class="meta gap-s">${text}</p>`);
}

/** @param {Face | undefined} face */
function pinPart(face) {
  if (!face) return html`<h2 class="lead" id="pin">${t("floor.lock.choose")}</h2>${said()}${pad({id: "pin-nobody", digits: FEWEST_DIGITS})}`;
  const {id, name, pin} = face;
  if (!pin?.left) {
    return html`<h2 class="lead" id="pin">${name}</h2><p class="lock-why">${pin ? t("floor.lock.frozen_text", {n: MOST_TRIES}) : t("floor.lock.no_pin_text")}</p>
<button class="btn btn-main btn-wide" hx-post="/floor/enrol">${t("floor.lock.sign_in")}</button>`;
  }
  const wrong = MOST_TRIES - pin.left;
  return html`<h2 class="lead" id="pin">${t("floor.lock.type", {name})}</h2>${said(wrong > 0 && t("floor.lock.wrong", {wrong, n: pin.left}))}${
    pad({id: `pin-${id}`, person: id, digits: pin.digits})}`;
}

const said = (text) => html`<p class="lock-said" id="pin-said" role="alert">${text}</p>`;

/** The digits typed are the element's alone. @param {{id: string, digits: number, person?: string, isNew?: boolean}} pad person: whose PIN · neither: not yet */
function pad({id, digits, person, isNew = false}) {
  const still = !person && !isNew && html` disabled`;
  const key = (n) => html`<button type="button" class="key" data-digit="${n}"${still}>${n}</button>`;
  const first = isNew
    ? html`<button type="button" class="key key-word" data-done aria-disabled="true">${t("floor.pin.done")}</button>`
    : html`<button type="button" class="key key-word" hx-get="/floor/lock?who=" hx-swap="outerMorph"${still}>${t("floor.lock.not_me")}</button>`;
  return html`<pin-pad id="${id}" hx-morph-skip data-digits="${digits}"${person && html` data-person="${person}"`}${isNew && html` data-new`}>
<div class="dots" role="img" aria-label="${t("floor.pin.none")}">${Array.from({length: digits}, () => html`<i></i>`)}</div>
<div class="pad-keys">${[1, 2, 3, 4, 5, 6, 7, 8, 9].map(key)}${first}${key(0)}<button type="button" class="key" data-erase aria-label="${t("floor.pin.erase")}"${still}>${icon("erase")}</button></div></pin-pad>`;
}

/** Typed twice, right after the password. */
async function choose(ctx) {
  const {replica, person} = ctx;
  if (!person || !mayChoose(replica) || !replica.meta.isShared) return replaceWith("/floor/today");
  const main = html`<div class="lock"><section class="pad stack" tabindex="0"><p class="lead">${t("floor.pin.lead")}</p><p>${t("floor.pin.text")}</p></section>
<section class="pad lock-pin" aria-labelledby="pin"><h2 class="lead" id="pin">${t("floor.pin.choose")}</h2>${said()}${pad({id: "pin-new", digits: MOST_DIGITS, isNew: true})}</section></div>`;
  const {name} = replica.meta.persons.find(({id}) => id === person) ?? {};
  return layout(ctx, {
    title: t("floor.pin.title"), sub: name, hasTabs: false, main, dock: html`<a class="btn btn-wide" href="/floor/today">${t("floor.pin.later")}</a>`,
  });
}

export const pages = {"/floor/lock": lock, "/floor/pin": choose};
