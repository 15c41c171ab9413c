import type { ApiSettings } from '../../src/assets/settings.private';
import { ask, type HttpAnswer } from '../http';
import type { Shell } from '../shell';

/** Where Synthflow's API is, and the key for it. */
export type Api = Pick<ApiSettings, 'apiUrl' | 'apiKey'>;

/** Asks Synthflow's API; never throws. */
export const askApi = (shell: Shell, { apiUrl, apiKey }: Api, path: string): Promise<HttpAnswer> =>
  ask(shell, 'get', `${apiUrl}${path}`, { authorization: `Bearer ${apiKey}` });
