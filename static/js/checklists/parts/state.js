/** Everything a row and a pane need to know of an item before they draw it. */

import {lamp} from "../../floor/components.js";
import {t} from "../../floor/words.js";
import {CUE} from "./bits.js";

/**
 * @typedef {{open?: string, said?: {error: string, typed: string}}} How `open`: what is opened under the item (1, more, na, fail, redo, sign,
 *   case, waive) · `said`: what was typed and could not be taken
 * @typedef {{found: any, standing: import("../judge.js").Standing, waits: string[], answer: any, isOpen: boolean, isBack: boolean,
 *   canAnswer: boolean}} State
 *   answer: the one that stands, none while two do · waits: items that come first · isBack: sent back and not answered since
 */

/** @param {any} sheet @param {any} item @returns {State} */
export function stateOf(sheet, item) {
  const found = sheet.find(item.id);
  const standing = sheet.standing(item);
  const isBack = Boolean(found?.sent_back);
  const waits = standing === "open" && !isBack ? sheet.waits(item) : [];
  return {
    found, standing, waits, isBack, isOpen: standing === "open", answer: standing === "contested" ? undefined : found?.answers?.at(-1),
    canAnswer: sheet.canAnswer && !waits.length && standing !== "contested",
  };
}

/** How the style sheet knows the row. @param {any} sheet @param {State} state @returns {"fail" | "done" | "locked" | null} */
export function lookOf(sheet, {standing, waits, isBack}) {
  if (standing === "fail" || standing === "contested") return "fail";
  if (isBack) return null;
  if (standing !== "open") return "done";
  return waits.length || sheet.isWaiting ? "locked" : null;
}

/** @param {any} sheet @param {State} state */
export function itemLamp(sheet, {standing, waits, isBack}) {
  if (isBack) return lamp("wait", {label: t("checklists.sent_back")});
  if (standing === "open") return waits.length || sheet.isWaiting ? lamp("locked", {label: t("checklists.locked")}) : lamp("off");
  return lamp(CUE[standing], {label: t(`checklists.standing.${standing}`)});
}

/** The items by whose answers this one is asked or not. @returns {string[]} */
export const conditions = (sheet, item) => (item.when ? [item.when.item, ...conditions(sheet, sheet.item(item.when.item))] : []);

/** What keeps an element true: the item, those before it, its case, and the full answers where there are two. */
export function showsOf(sheet, item, {found, standing}) {
  const shows = [...new Set([item.id, ...(item.after ?? []), ...conditions(sheet, item)])].map((id) => `checklist_item:${sheet.keyOf(id)}`);
  if (found?.case) shows.push(`case:${found.case.id}`);
  if (standing === "contested") shows.push(`contested_item:${sheet.keyOf(item.id)}`);
  return shows.join(" ");
}
