/** Photos of how items should look are kept on the device before somebody needs them with no network (F24). */

import {device} from "../floor/device.js";

const BUDGET_BYTES = 40 * 1024 * 1024;

let isBusy = false;

/** Once a page load, and whenever the office says so. */
export async function keepReferences() {
  const replica = await device();
  const soon = () => (self.requestIdleCallback ?? setTimeout)(() => keepAll(replica));
  replica.on("change", ({kinds}) => kinds.includes("checklist_reference") && soon());
  addEventListener("online", soon);
  soon();
}

/** What is shown is fetched, newest first and as far as the budget goes; what is shown no more goes. One round at a time. */
async function keepAll(replica) {
  if (isBusy || !replica.meta.person) return; // whoever is not unlocked sees no list, and takes nothing away
  isBusy = true;
  try {
    const wanted = replica.all("checklist_reference").sort((a, b) => b.at - a.at).map(({sha}) => sha);
    await replica.blobs.dropCopies((sha) => !wanted.includes(sha));
    for (const sha of wanted) {
      if (replica.blobs.copied() >= BUDGET_BYTES) break;
      if (!replica.blobs.rows.has(sha)) await replica.blobs.keepCopy(sha, await fetched(sha));
    }
  } catch (error) {
    if (!(error instanceof TypeError)) console.warn("references", error); // no network: the next round
  } finally {
    isBusy = false;
  }
}

async function fetched(sha) {
  const answer = await fetch(`/api/blobs/${sha}/display`, {signal: AbortSignal.timeout(60_000)});
  const type = answer.headers.get("Content-Type") ?? "";
  if (!answer.ok || answer.redirected || !type.startsWith("image/")) throw new Error(`photo ${answer.status}`);
  return answer.blob();
}
