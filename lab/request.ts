import type { IncomingMessage } from 'node:http';

/** The whole body of a request; rejects when it is cut short, or longer than this many bytes: 1 MiB unless given. */
export async function readBody(incoming: IncomingMessage, maxBytes = 1_048_576): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    // The rest is read and dropped, so that the other side waits for the answer.
    if (size <= maxBytes) chunks.push(Buffer.from(chunk));
  }
  if (size > maxBytes) throw new Error(`a request of over ${maxBytes} bytes`);
  return Buffer.concat(chunks).toString('utf8');
}
