/** Photos of an item: what was taken, how far each has come, and the key that takes another. */

import {icon, kept} from "../../floor/components.js";
import {html} from "../../floor/html.js";
import {clockTime} from "../../floor/time.js";
import {t} from "../../floor/words.js";
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

/** @param {any} answer whose photos @param {{canAdd?: boolean}} [how] */
export function photoRow(sheet, item, answer, {canAdd = false} = {}) {
  const photos = answer?.photos ?? [];
  if (!photos.length && !canAdd) return null;
  const thumbs = photos.map(
    (sha, n) => html`<a class="photo" href="${pageOf(sheet, item, sha)}">${image(sha, "thumb", n + 1)}${mark(sheet.replica, sha)}</a>`,
  );
  return html`<div class="photos">${thumbs}${canAdd && photos.length < MOST_PHOTOS && takeKey(sheet, item)}</div>`;
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
  const shown = large.map((sha) => figure(sheet, item, photos, sha, caption));
  return html`${large.length > 0 && html`<div class="compare">${shown}</div>`}${photoRow(
    sheet, item, {photos: photos.slice(0, -LARGE)}, {canAdd: true},
  )}`;
}
