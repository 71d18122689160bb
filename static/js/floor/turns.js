/** Whose turn it is on a shared device (sync.md §2): it locks by the key in the top line and after two idle minutes. */

import {isIdle, watchActivity} from "./activity.js";
import {handle, settled} from "./handle.js";

const LOOK_MS = 5_000;

/** @param {any} replica */
export function keepTurns(replica) {
  watchActivity();
  const look = () => lockIdle(replica).catch((error) => console.warn("turns", error));
  setInterval(look, LOOK_MS);
  document.addEventListener("visibilitychange", look);
  let shown = replica.meta.person;
  replica.on("status", () => {
    const {person, isLocked} = replica.meta;
    if (person === shown) return;
    const isTaken = Boolean(shown && person);
    shown = person;
    if (isTaken || (isLocked && !document.querySelector("#page .lock"))) showAnew(replica);
  });
}

async function lockIdle(replica) {
  const {isShared, person} = replica.meta;
  if (isShared && person && isIdle()) await endTurn(replica);
}

/** What was tapped before is kept first, in its author's name. @param {any} replica */
export async function endTurn(replica) {
  await settled();
  await replica.lock();
}

/** What is on the screen goes, with everything typed into it and every offer to undo; drafts lie with their person. */
async function showAnew({meta}) {
  const isOpen = location.pathname.startsWith("/floor/emergency");
  const path = meta.isLocked && !isOpen ? "/floor/lock" : location.href;
  const response = await handle(new Request(new URL(path, location.href)));
  document.getElementById("notices").replaceChildren();
  await window.htmx.swap({text: await response.text(), target: "#page", swap: "outerHTML", sourceElement: document.body});
}
