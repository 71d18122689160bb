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

/** The camera key: takes, shrinks, keeps, posts. `replaces` names the photo that the new one stands for. */
export const takeKey = (sheet, item, {replaces = "", text = t("checklists.photo.take"), cls = "photo"} = {}) =>
  html`<photo-field><form hx-post="${sheet.url(`items/${item.id}/photos`)}">
    <button type="button" class="${cls}" data-take>${icon("camera")}<span>${text}</span></button>
    <input type="file" accept="image/*" capture="environment" hidden aria-label="${text}">
    <input type="hidden" name="replaces" value="${replaces}"></form></photo-field>`;

/** On a tablet the newest photos stand large, with who took them; the others and the camera under them. */
export function figures(sheet, item, answer) {
  const photos = answer?.photos ?? [];
  const large = photos.slice(-LARGE);
  const caption = answer && `${nameOf(sheet.ctx, answer.by)} ${clockTime(answer.at)}`;
  const figure = (sha) =>
    html`<figure><a class="shot" href="${pageOf(sheet, item, sha)}">${image(sha, "display", photos.indexOf(sha) + 1)}</a>
      <figcaption>${caption} ${mark(sheet.replica, sha)}</figcaption></figure>`;
  return html`${large.length > 0 && html`<div class="compare">${large.map(figure)}</div>`}${photoRow(
    sheet, item, {photos: photos.slice(0, -LARGE)}, {canAdd: true},
  )}`;
}
