/** A playbook being followed: begin, stamp a step, end. The times stay on this device. */

import {start, stamp, stop} from "../playbook-clock.js";
import {pages} from "../pages/emergency.js";

const after = (change) => async (ctx) => {
  await change(ctx.params, ctx.now);
  return pages["/floor/emergency/:id"]({...ctx, path: `/floor/emergency/${ctx.params.id}`});
};

export const verbs = {
  "POST /floor/emergency/:id/start": after(({id}, now) => start(id, now)),
  "POST /floor/emergency/:id/steps/:step": after(({id, step}, now) => stamp(id, step, now)),
  "POST /floor/emergency/:id/stop": after(({id}, now) => stop(id, now)),
};
