/** Who may do what with a list, as far as the device can tell; the server decides (GEN-7). */

const LEADS = ["shift_lead", "logistics_manager"];
const LAST_ACCEPTER = "logistics_manager";

/** Who signs a waiver, in order, and for which lists nobody does (approval matrix of the starter pack; the server holds the site's). */
const WAIVER_STEPS = ["logistics_manager", "operations"];
const NEVER_WAIVED = ["CL-SAFE"];

const standIn = (ctx, role) => ctx.replica.get("role", role)?.stand_in;

/** @param {import("../floor/router.js").Context} ctx @returns {string[]} the roles of whoever is unlocked */
export const rolesOf = (ctx) => ctx.replica.get("me", ctx.person)?.roles ?? ctx.replica.get("person", ctx.person)?.roles ?? [];

/** @param {string} right "checklists.lead" */
export const hasRight = (ctx, right) => ctx.replica.get("me", ctx.person)?.rights?.includes(right) ?? false;

/** A person's name, or the word for somebody this device does not know. */
export const nameOf = (ctx, id) => ctx.replica.get("person", id)?.name ?? "—";

const works = (ctx, role) => {
  const allowed = [role, standIn(ctx, role), ...LEADS];
  return rolesOf(ctx).some((mine) => allowed.includes(mine));
};

/** The owner role, its stand-in, leads, and whoever a lead put on the run. */
export const mayAnswer = (ctx, {run, template}) => run.assignees?.includes(ctx.person) || works(ctx, template.owner_role);

/** May start this list by hand. */
export const mayStart = (ctx, template) => hasRight(ctx, "checklists.start") && works(ctx, template.owner_role);

/** The accepting role, its stand-in, or the logistics manager (CHK-6). */
export const mayAccept = (ctx, template) => {
  const allowed = [template.accept_role, standIn(ctx, template.accept_role), LAST_ACCEPTER];
  return rolesOf(ctx).some((mine) => allowed.includes(mine));
};

/** @param {any} found an item's record */
export const answersIn = (found) => found?.answers ?? [];

/** Whoever answered does not accept (GEN-3). */
export const isOwnWork = (ctx, sheet) => sheet.items.some((item) => answersIn(sheet.find(item.id)).some(({by}) => by === ctx.person));

/**
 * The next step of a waiver of this item and whether it is this person's, or null where there is nothing to waive (CHK-2).
 * @returns {{role: string, isMine: boolean, isLast: boolean} | null}
 */
export function waiverStep(ctx, sheet, item, standing) {
  if (!item.critical || !["fail", "open"].includes(standing) || NEVER_WAIVED.includes(sheet.run.code)) return null;
  const found = sheet.find(item.id);
  const steps = found?.waiver?.steps ?? [];
  const role = WAIVER_STEPS[steps.length];
  if (!role) return null;
  const isInvolved = [...steps, ...answersIn(found)].some(({by}) => by === ctx.person);
  return {role, isMine: rolesOf(ctx).includes(role) && !isInvolved, isLast: steps.length === WAIVER_STEPS.length - 1};
}
