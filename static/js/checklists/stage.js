/** How the page of a list stands on this screen: one column or two panes, and which item is open on the right. */

const WIDE = "(min-width: 48rem)";

/** Two panes from 48rem on, as the style sheet has it. */
export const isWide = () => window.matchMedia(WIDE).matches;

/** @param {() => void} hear the screen was turned, or the window pulled */
export const onTurn = (hear) => window.matchMedia(WIDE).addEventListener("change", hear);

const key = (runId) => `offstage.open:${runId}`;

/** Survives a reload of the page, not its tab. @param {any} sheet @returns {string} */
export function openItemOf(sheet) {
  const asked = sheet.ctx.query.get("item") ?? sessionStorage.getItem(key(sheet.id));
  return sheet.item(asked) ? asked : (sheet.todo()[0] ?? sheet.items[0]).id;
}

/** @param {any} sheet @param {string} itemId */
export function keepOpenItem(sheet, itemId) {
  sheet.openItem = itemId;
  sessionStorage.setItem(key(sheet.id), itemId);
}
