/** Lock, unlock by PIN, choose a PIN. All of it happens on the device. */

import {choosePin, unlock} from "../../replica/people.js";
import {notice, refusal, replaceWith} from "../answers.js";
import {html} from "../html.js";
import {endTurn} from "../turns.js";
import {t} from "../words.js";
import {lock, onwards} from "./pages.js";

const PHOTO_MS = 5_000;
const LOOK_MS = 50;

/** The next one is expected: nobody is chosen, and what was offered to be undone is offered no more. */
async function lockNow(ctx) {
  await photosKept();
  await endTurn(ctx.replica);
  return html`${await lock({...ctx, query: new URLSearchParams("who=")})}${notice("")}`;
}

/** A photo that was just taken is made small and kept before its field goes. */
async function photosKept() {
  for (const until = Date.now() + PHOTO_MS; document.querySelector("photo-field[aria-busy=true]") && Date.now() < until; ) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

async function unlockFor(ctx) {
  const {replica, params: {person}} = ctx;
  const {last} = replica.meta;
  const {isOpen} = await unlock(replica, person, String(ctx.form.get("pin") ?? ""));
  if (isOpen) return replaceWith(onwards(person === last));
  return lock({...ctx, query: new URLSearchParams({who: person})});
}

async function chooseNow(ctx) {
  const isChosen = await choosePin(ctx.replica, String(ctx.form.get("pin") ?? ""));
  if (isChosen) return replaceWith("/floor/today");
  return refusal(t("floor.pin.too_late"));
}

export const verbs = {
  "POST /floor/lock": lockNow,
  "POST /floor/lock/:person": unlockFor,
  "POST /floor/pin": chooseNow,
};
