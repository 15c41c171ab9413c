import type { IncomingMessage, ServerResponse } from 'node:http';

/** Bytes of a request that are read. */
const requestLimit = 1_048_576;

/** The whole body of a request; rejects when it is cut short, or larger than 1 MiB. */
export async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size > requestLimit) throw new Error(`a request of over ${requestLimit} bytes`);
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A request handler whose failure, such as a body that is cut short, costs its own connection and nothing else. */
export const guarded =
  (handle: (incoming: IncomingMessage, response: ServerResponse) => unknown) =>
  async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      await handle(incoming, response);
    } catch {
      response.destroy();
    }
  };
