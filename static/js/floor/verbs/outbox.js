/** Outbox: send again now, put a refused action away after reading why. */

import {route} from "../router.js";

const PATIENCE_MS = 1_500;

const pageAgain = async (ctx) => {
  const {run} = await route("GET", "/floor/outbox");
  return run({...ctx, path: "/floor/outbox"});
};

/** The page comes back at once or after a moment; what happens later shows by itself. */
async function exchange(ctx) {
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  await Promise.race([ctx.replica.syncNow().catch(() => false), patience]);
  return pageAgain(ctx);
}

async function putAway(ctx) {
  await ctx.replica.dismiss(ctx.params.id);
  return pageAgain(ctx);
}

export const verbs = {
  "POST /floor/outbox/exchange": exchange,
  "POST /floor/outbox/:id/dismissal": putAway,
};
