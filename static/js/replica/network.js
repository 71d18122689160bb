/** The half of the replica that speaks with the server; loaded after the first page is drawn. */

import {Drain} from "./drain.js";
import {endGrants, enrol, enrolAgain} from "./enrol.js";
import {Wire} from "./wire.js";

/**
 * @param {import("./index.js").Replica} replica
 * @returns {{drain: Drain, wire: Wire, enrol: (options: object) => Promise<void>}}
 */
export function connect(replica) {
  const {store, memory, blobs, clock, options} = replica;
  const wire = new Wire(clock);
  /** @type {import("./drain.js").Link} */
  const link = {
    wire, store, memory, blobs,
    tell: (message) => replica.tell(message),
    progress: () => replica.statusSoon(),
    report: () => {},
    enrolAgain: () => enrolAgain(link, options.build),
    endGrants: () => endGrants(link),
    exchange: () => drain.now(),
    health: () => replica.health(),
    isCalm: () => replica.isCalm,
    hasUnsent: () => memory.ordered().some((row) => !row.verdict),
  };
  const drain = new Drain(link, options);
  return {drain, wire, enrol: (given) => enrol(link, {...given, build: options.build})};
}
