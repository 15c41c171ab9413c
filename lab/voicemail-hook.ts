import { createServer } from 'node:http';
import { listen } from './port';
import { guarded, readBody } from './request';

/** A stand-in for what takes new voicemails, such as a chat. */
export interface VoicemailHook {
  readonly url: string;
  stop(): void;
}

/** Starts it on a free loopback port. `answer` is given each body and says with which status to answer. */
export async function startVoicemailHook(answer: (body: string) => number): Promise<VoicemailHook> {
  const server = createServer(
    guarded(async (incoming, response) => {
      response.writeHead(answer(await readBody(incoming))).end();
    }),
  );
  const url = `http://127.0.0.1:${await listen(server)}/voicemails`;
  return {
    url,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
