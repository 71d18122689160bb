/** Photos of an item: what was taken, how far each has come, and the key that takes another. */

import {icon, kept} from "../../floor/components.js";
import {html} from "../../floor/html.js";
import {clockTime} from "../../floor/time.js";
import {t} from "../../floor/words.js";
import {nameOf} from "../who.js";

export const MOST_PHOTOS = 12;

/** How far a photo has come: kept here, verified by the server, or undecodable there. @param {any} replica @param {string} sha */
export const photoState = (replica, sha) => replica.blobs?.rows.get(sha)?.state ?? "sent";

/** @param {any} sheet @param {any} item @param {string} sha @param {number} n */
const thumb = (sheet, item, sha, n) => {
  const state = photoState(sheet.replica, sha);
  return html`<a class="photo" href="${sheet.url(`photo/${sha}`, {item: item.id})}" id="photo-${item.id}-${n}"><photo-image sha="${sha}" form="thumb" alt="${t("checklists.photo.nth", {n: n + 1})}"></photo-image>${
    state === "unreadable" ? html`<span class="kept" data-state="kept">${icon("cross", t("checklists.photo.unreadable"))}</span>` : kept(state)
  }</a>`;
};

/**
 * @param {any} answer whose photos @param {{canAdd?: boolean}} [how]
 */
export function photoRow(sheet, item, answer, {canAdd = false} = {}) {
  const photos = answer?.photos ?? [];
  if (!photos.length && !canAdd) return null;
  return html`<div class="photos">${photos.map((sha, n) => thumb(sheet, item, sha, n))}${canAdd && photos.length < MOST_PHOTOS && takeKey(sheet, item)}</div>`;
}

/** The camera key: takes, shrinks, keeps, posts. `replaces` names the photo that the new one stands for. */
export const takeKey = (sheet, item, {replaces = "", text = t("checklists.photo.take"), cls = "photo"} = {}) =>
  html`<photo-field><form hx-post="${sheet.url(`items/${item.id}/photos`)}"><button type="button" class="${cls}" data-take>${icon("camera")}<span>${text}</span></button><input type="file" accept="image/*" capture="environment" hidden aria-label="${text}"><input type="hidden" name="replaces" value="${replaces}"></form></photo-field>`;

const LARGE = 2;

/** On a tablet the newest photos stand large, with who took them; the others and the camera under them. */
export function figures(sheet, item, answer) {
  const photos = answer?.photos ?? [];
  const large = photos.slice(-LARGE);
  const caption = answer && html`${nameOf(sheet.ctx, answer.by)} ${clockTime(answer.at)}`;
  return html`${large.length > 0 && html`<div class="compare">${large.map(
    (sha) => html`<figure><a class="shot" href="${sheet.url(`photo/${sha}`, {item: item.id})}"><photo-image sha="${sha}" form="display" alt="${t("checklists.photo.nth", {n: photos.indexOf(sha) + 1})}"></photo-image></a><figcaption>${caption} ${kept(photoState(sheet.replica, sha))}</figcaption></figure>`,
  )}</div>`}${photoRow(sheet, item, {photos: photos.slice(0, -LARGE)}, {canAdd: true})}`;
}
