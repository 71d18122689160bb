/** A list that is not on this device, and who can help (F34). */

import {empty} from "../../floor/components.js";
import {html} from "../../floor/html.js";
import {layout} from "../../floor/layout.js";
import {t} from "../../floor/words.js";

/** @param {import("../../floor/router.js").Context} ctx */
export const missing = (ctx) =>
  layout(ctx, {
    title: t("checklists.missing"), back: "/floor/lists", tab: "lists", shows: "checklist_run checklist_template",
    main: empty({
      title: t("checklists.missing"), text: t("checklists.missing_text"), action: html`<a class="btn" href="/floor/lists">${t("floor.tab.lists")}</a>`,
    }),
  });
