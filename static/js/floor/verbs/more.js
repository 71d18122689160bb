/** Look, text size, language, install, update, sign-out: each in one tap, none loses what is on the screen. */

import {answer, go} from "../answers.js";
import {pages} from "../pages/more.js";
import {install} from "../place.js";
import {takeUpdate} from "../update.js";
import {lang, speak} from "../words.js";

const page = (ctx) => pages["/floor/more"]({...ctx, lang: lang(), path: "/floor/more"});

const choose = (name) => async (ctx) => {
  window.offstageLook.choose(name, String(ctx.form.get(name)));
  if (name === "lang") await speak(ctx.form.get("lang") === "en" ? "en" : "zh");
  return page(ctx);
};

async function signOut(ctx) {
  await ctx.replica.signOut();
  return go(ctx.replica.meta.isLocked ? "/floor/lock" : "/floor/enrol");
}

async function takeNew() {
  takeUpdate();
  return answer("");
}

async function toHomeScreen() {
  await install();
  return answer("");
}

export const verbs = {
  "POST /floor/more/look": choose("look"),
  "POST /floor/more/size": choose("size"),
  "POST /floor/more/language": choose("lang"),
  "POST /floor/more/install": toHomeScreen,
  "POST /floor/more/update": takeNew,
  "POST /floor/more/sign-out": signOut,
};
