import type { request } from 'node:https';

/** A `https.request` whose requests all go to this port. */
export function redirectTo(port: number): typeof request;
