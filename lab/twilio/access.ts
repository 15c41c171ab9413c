/** A function or an asset as the toolkit reads it from its file name. */
export interface Route {
  readonly path: string;
  readonly kind: 'function' | 'asset';
  readonly access: 'private' | 'protected' | 'public';
}

/** What Twilio's cloud looks at before it lets a request through. */
export interface Arrival {
  /** `undefined` when nothing is deployed at the path. */
  readonly route: Route | undefined;
  readonly isTooLarge: boolean;
  /** Whether the signature is that of this URL and these parameters. */
  readonly isSigned: boolean;
  readonly hasCrashed: boolean;
  /** Functions that run at the moment. */
  readonly running: number;
  /** Functions that may run at once. */
  readonly maxRunning: number;
}

/** The status with which the cloud itself refuses a request; `undefined` lets it through. */
export function refusalStatus({ route, isTooLarge, isSigned, hasCrashed, running, maxRunning }: Arrival) {
  if (route === undefined || route.access === 'private') return 404;
  if (isTooLarge) return 413;
  if (route.access === 'protected' && !isSigned) return 403;
  if (route.kind === 'asset') return undefined;
  if (hasCrashed) return 500;
  return running >= maxRunning ? 429 : undefined;
}
