/** Kinds of which there are too many to be held in memory: on the device they lie in blocks (sync.md §4). */

/**
 * `bucket`: the one they come in · `keysOf`: what a record is looked up by. They are decided in the office alone: no operation of the floor
 * shows on one before it comes back, so there is no view of them on top of what the server said.
 * @type {Record<string, {bucket: string, keysOf: (data: any) => string[]}>}
 */
export const BLOCK_KINDS = {
  product: {bucket: "org", keysOf: ({key, sku, codes}) => [key ?? sku?.toUpperCase(), ...(codes ?? []).map((code) => code.key)].filter(Boolean)},
};

/** @param {{bucket: string, kind: string}} line */
export const isInBlocks = ({bucket, kind}) => BLOCK_KINDS[kind]?.bucket === bucket;
