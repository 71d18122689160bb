/** Photos and signatures go to the server after the operations that name them (sync.md §3). */

import {isDecided} from "./overlay.js";
import {Failure} from "./wire.js";

/** Failures that the next photo would meet as well. */
const COMMON = ["network", "slow", "captive", "busy", "unknown_device", "revoked", "forbidden"];

/**
 * Send what may follow its operation, oldest first. One that fails by itself does not stop the others; only the server's last word changes
 * anything here.
 * @param {import("./drain.js").Link} link
 * @param {{isHeldUp?: boolean}} [options] isHeldUp: the answers cannot go now, so photos of earlier ones do not wait for them
 */
export async function sendBlobs(link, {isHeldUp = false} = {}) {
  let failure = null;
  for (const row of [...link.blobs.rows.values()].sort((a, b) => a.at - b.at)) {
    if (row.state !== "kept" || !row.ready || isBeingWithdrawn(link, row.sha)) continue;
    if (!isHeldUp && link.hasUnsent()) break; // answers go before photos
    try {
      await sendOne(link, row);
    } catch (error) {
      if (!(error instanceof Failure) || COMMON.includes(error.reason)) throw error;
      failure = error;
    }
  }
  if (failure) throw failure;
}

/** Whether an operation that waits for its verdict takes the photo back. */
const isBeingWithdrawn = ({memory}, sha) => memory.ordered().some((row) => row.withdraws?.includes(sha) && !isDecided(row));

async function sendOne({wire, blobs}, row) {
  const body = await blobs.bytes(row.sha);
  if (!body) return;
  const answer = await wire.call("PUT", `/api/blobs/${row.sha}`, {
    body, headers: {"Content-Type": row.type || "application/octet-stream"}, timeoutMs: 120_000, expect: [200, 201, 422],
  });
  const said = await answer.json();
  if (answer.status === 422 && said?.error?.code !== "unreadable") {
    throw new Failure("refused", {status: 422, code: said?.error?.code}); // damaged on the way: sent again
  }
  await blobs.mark(row.sha, answer.status === 422 ? {state: "unreadable"} : {state: "sent", status: said.status});
}
