/** The page on which one draws on a photo of an item: what is meant, and what nobody needs to see (F20). */

import "../elements/photo-mark.js";
import {icon} from "../floor/components.js";
import {html} from "../floor/html.js";
import {layout} from "../floor/layout.js";
import {pick, t} from "../floor/words.js";
import {draftKey, markDraft} from "./drafts.js";
import {missing} from "./parts/missing.js";

const TOOLS = ["arrow", "ring", "blur"];

/** Only who may change the answer marks its photos. @param {any} sheet @param {any} ctx */
export function markPage(sheet, ctx) {
  const {sha} = ctx.params;
  const item = sheet.item(ctx.query.get("item"));
  const photos = item ? sheet.find(item.id)?.answers?.at(-1)?.photos ?? [] : [];
  if (!sheet.canAnswer || !photos.includes(sha)) return missing(ctx);
  const key = draftKey(ctx.person, `${sheet.keyOf(item.id)}/${markDraft(sha)}`);
  return layout(ctx, {
    title: t("checklists.mark.title"), sub: pick(item), back: sheet.url(`photo/${sha}`, {item: item.id}), tab: "lists", hasTabs: false,
    main: html`<photo-mark sha="${sha}" data-key="${key}" aria-busy="true">
      <div class="mark-view" data-view tabindex="0" role="application" aria-label="${t("checklists.mark.view")}" aria-describedby="mark-help">
        <canvas class="pic"></canvas></div>
      <p class="meta mark-help" id="mark-help" role="status">${t("checklists.mark.help.arrow")}</p>
      <div class="seg" role="radiogroup" aria-label="${t("checklists.mark.tools")}">${TOOLS.map(tool)}</div></photo-mark>`,
    dock: html`<button type="button" class="btn" data-undo>${icon("undo")}${t("checklists.undo")}</button>
      <form class="mark-done" hx-post="${sheet.url(`items/${item.id}/photos`)}">
        <input type="hidden" name="replaces" value="${sha}"><input type="hidden" name="marked" value="1">
        <button type="button" class="btn btn-main" data-done>${icon("tick")}<span>${t("checklists.mark.done")}</span></button></form>`,
  });
}

const tool = (name, n) =>
  html`<button type="button" class="key" role="radio" aria-checked="${String(n === 0)}" tabindex="${n === 0 ? 0 : -1}" data-tool="${name}">${
    icon(name)
  }${t(`checklists.mark.tool.${name}`)}</button>`;
