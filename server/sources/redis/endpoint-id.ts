/** The names under which Redis endpoints stand in readings. Pure: both the observer and the reducer use them. */

/** A Sentinel's endpoint id, from its address. */
export function sentinelEndpointId(address: string): string {
  return `sentinel@${address}`;
}

/** A data node's endpoint id, from its service and address. */
export function dataEndpointId(service: string, address: string): string {
  return `${service}/${address}`;
}
