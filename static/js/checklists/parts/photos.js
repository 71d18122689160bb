/** Photos of an item: what was taken, how far each has come, and the key that takes another. */

import {icon, kept} from "../../floor/components.js";
import {html} from "../../floor/html.js";
import {clockTime} from "../../floor/time.js";
import {pick, t} from "../../floor/words.js";
import {nameOf} from "../who.js";

export const MOST_PHOTOS = 12;
const LARGE = 2;

/** How far a photo has come: kept here, verified by the server, or undecodable there. @param {any} replica @param {string} sha */
const stateOf = (replica, sha) => replica.blobs.rows.get(sha)?.state ?? "sent";

const pageOf = (sheet, item, sha) => sheet.url(`photo/${sha}`, {item: item.id});

const image = (sha, form, n) => html`<photo-image sha="${sha}" form="${form}" alt="${t("checklists.photo.nth", {n})}"></photo-image>`;

function mark(replica, sha) {
  const state = stateOf(replica, sha);
  return state === "unreadable" ? html`<span class="kept" data-state="kept">${icon("cross", t("checklists.photo.unreadable"))}</span>` : kept(state);
}

/** @param {any} answer whose photos @param {{canAdd?: boolean, hasStandard?: boolean}} [how] */
export function photoRow(sheet, item, answer, {canAdd = false, hasStandard = canAdd} = {}) {
  const photos = answer?.photos ?? [];
  const standard = hasStandard && standardThumb(sheet, item);
  if (!photos.length && !canAdd) return null;
  const thumbs = photos.map(
    (sha, n) => html`<a class="photo" href="${pageOf(sheet, item, sha)}">${image(sha, "thumb", n + 1)}${mark(sheet.replica, sha)}</a>`,
  );
  return html`<div class="photos">${standard}${thumbs}${canAdd && photos.length < MOST_PHOTOS && takeKey(sheet, item)}</div>`;
}

/** How it should look, beside the key that takes how it is (F24); large in one tap. */
function standardThumb(sheet, item) {
  const found = sheet.reference(item);
  const name = t("checklists.photo.standard");
  return found && html`<a class="photo photo-standard" href="${pageOf(sheet, item, found.sha)}" aria-label="${name}">${
    image(found.sha, "thumb", 0)
  }<span>${name}</span></a>`;
}

/** The photo large; where it is known how the item should look, that stands beside it, and its own page shows the newest photo. */
export function wholePhoto(sheet, item, photos, sha) {
  const standard = item && sheet.reference(item)?.sha;
  const shown = sha === standard ? photos.at(-1) : sha;
  const whole = (one, name) => html`<figure><photo-image sha="${one}" form="display" alt="${pick(item)}"></photo-image>${
    name && html`<figcaption>${name}</figcaption>`
  }</figure>`;
  if (!standard) return html`<p class="photo-whole"><photo-image sha="${sha}" form="display" alt="${pick(item)}"></photo-image></p>`;
  return html`<div class="photo-whole photo-beside">${whole(standard, t("checklists.photo.standard"))}${
    shown && shown !== standard && whole(shown, t("checklists.photo.taken"))
  }</div>`;
}

/**
 * The camera key: takes, shrinks, keeps, posts. `replaces` names the photo that the new one stands for; with `fixed` it says as well that
 * the fault is mended.
 */
export const takeKey = (sheet, item, {replaces = "", fixed = "", text = t("checklists.photo.take"), cls = "photo"} = {}) =>
  html`<photo-field><form hx-post="${sheet.url(`items/${item.id}/photos`)}">
    <button type="button" class="${cls}" data-take>${icon("camera")}<span>${text}</span></button>
    <input type="file" accept="image/*" capture="environment" hidden aria-label="${text}">
    <input type="hidden" name="replaces" value="${replaces}"><input type="hidden" name="fixed" value="${fixed}"></form></photo-field>`;

/** A fault that was mended, and photos that show it. @param {any} answer */
export const isPair = (answer) => Boolean(answer?.fixed && answer.photos_before?.length);

/** Fault and repair side by side, the newest photo of each; the others under them. Where the repair is not shown yet, its place takes the photo. */
export function pair(sheet, item, answer, {canAdd = false} = {}) {
  const {photos, photos_before} = answer;
  const before = photos.findLast((sha) => photos_before.includes(sha));
  const after = photos.findLast((sha) => !photos_before.includes(sha));
  const said = html`${t("checklists.photo.after")} <span class="meta">${nameOf(sheet.ctx, answer.by)} ${clockTime(answer.at)}</span>`;
  const take = canAdd && html`<figure>${takeKey(sheet, item, {text: t("checklists.photo.take_after"), cls: "shot"})}</figure>`;
  const rest = {photos: photos.filter((sha) => sha !== before && sha !== after)};
  return html`<div class="compare">${figure(sheet, item, photos, before, t("checklists.photo.before"))}${
    after ? figure(sheet, item, photos, after, said) : take
  }</div>${photoRow(sheet, item, rest, {canAdd: canAdd && Boolean(after)})}`;
}

const figure = (sheet, item, photos, sha, caption) =>
  html`<figure><a class="shot" href="${pageOf(sheet, item, sha)}">${image(sha, "display", photos.indexOf(sha) + 1)}</a>
    <figcaption>${caption} ${mark(sheet.replica, sha)}</figcaption></figure>`;

/** On a tablet the newest photos stand large, with who took them; the others and the camera under them. */
export function figures(sheet, item, answer) {
  if (isPair(answer)) return pair(sheet, item, answer, {canAdd: true});
  const photos = answer?.photos ?? [];
  const large = photos.slice(-LARGE);
  const caption = answer && `${nameOf(sheet.ctx, answer.by)} ${clockTime(answer.at)}`;
  const standard = sheet.reference(item)?.sha;
  if (standard) return besideStandard(sheet, item, photos, standard, caption);
  const shown = large.map((sha) => figure(sheet, item, photos, sha, caption));
  return html`${large.length > 0 && html`<div class="compare">${shown}</div>`}${photoRow(
    sheet, item, {photos: photos.slice(0, -LARGE)}, {canAdd: true},
  )}`;
}

/** How it should look, and how it is: the newest photo, or the key that takes it. */
function besideStandard(sheet, item, photos, standard, caption) {
  const newest = photos.at(-1);
  const taken = newest
    ? figure(sheet, item, photos, newest, caption)
    : html`<figure>${takeKey(sheet, item, {text: t("checklists.photo.take"), cls: "shot"})}</figure>`;
  return html`<div class="compare"><figure><a class="shot" href="${pageOf(sheet, item, standard)}">${image(standard, "display", 0)}</a>
    <figcaption>${t("checklists.photo.standard")}</figcaption></figure>${taken}</div>${photoRow(
    sheet, item, {photos: photos.slice(0, -1)}, {canAdd: Boolean(newest), hasStandard: false},
  )}`;
}
