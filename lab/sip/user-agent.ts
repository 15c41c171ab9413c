import { randomBytes, randomUUID } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Socket } from 'node:net';
import { create, type Message, makeResponse, type Stack, stringify } from 'sip';
import { freePort } from '../http';
import { createDialogs, type Dialog } from './dialog';

/** Called with each message that the user agent sends: its title, and its text as it goes over the wire. */
export type WireTap = (title: string, text: string) => void;

/** An INVITE that came in, to be answered. */
export interface IncomingInvite {
  readonly message: Message;
  ring(): void;
  refuse(status: number, reason: string): void;
  accept(): Dialog;
}

/** How an INVITE ended. */
export interface InviteResult {
  /** The final status. */
  readonly status: number;
  /** `undefined` unless it was answered. */
  readonly dialog?: Dialog;
}

/** A SIP user agent on loopback, over UDP and TCP. */
export interface SipAgent {
  /** `127.0.0.1:port` */
  readonly address: string;
  /** Sends an INVITE and rings until it is answered or refused; sends a CANCEL if the signal aborts before. */
  invite(uri: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<InviteResult>;
  stop(): void;
}

const host = '127.0.0.1';
const newTag = (): string => randomBytes(6).toString('hex');

/** Starts a user agent on a free port. An INVITE that is cancelled before it is answered is refused with 487. */
export async function startSipAgent(
  name: string,
  tap: WireTap,
  onInvite: (invite: IncomingInvite) => void,
): Promise<SipAgent> {
  const port = await freePort();
  const sockets = trackSockets(port);
  const ringing = new Map<string, () => void>();
  const contact = [{ uri: `sip:${name}@${host}:${port}`, params: {} }];
  const dialogs = createDialogs(contact, () => stack);
  const offer = { 'content-type': 'application/sdp' };
  const place = `IN IP4 ${host}`;
  const sdp = ['v=0', `o=lab 1 1 ${place}`, 's=call', `c=${place}`, 't=0 0', `m=audio ${port} RTP/AVP 0`, ''];
  const content = sdp.join('\r\n');

  const receive = (request: Message): void => {
    if (request.method === 'INVITE' && request.headers.to.params.tag === undefined) {
      onInvite(incoming(request));
    } else if (request.method === 'CANCEL') {
      stack.send(makeResponse(request, 200, 'OK'));
      ringing.get(request.headers['call-id'])?.();
    } else if (!dialogs.receive(request) && request.method !== 'ACK') {
      stack.send(makeResponse(request, 481, 'Call/Transaction Does Not Exist'));
    }
  };

  const incoming = (message: Message): IncomingInvite => {
    const callId = message.headers['call-id'];
    const local = { ...message.headers.to, params: { ...message.headers.to.params, tag: newTag() } };
    const respond = (status: number, reason: string, headers: Record<string, unknown> = {}, body = ''): void => {
      if (status >= 200) ringing.delete(callId);
      const response = makeResponse(message, status, reason);
      stack.send({ ...response, headers: { ...response.headers, ...headers, to: local }, content: body });
    };
    ringing.set(callId, () => respond(487, 'Request Terminated'));
    return {
      message,
      ring: () => respond(180, 'Ringing'),
      refuse: (status, reason) => respond(status, reason),
      accept: () => {
        respond(200, 'OK', { contact, ...offer }, content);
        const target = message.headers.contact?.[0]?.uri ?? '';
        return dialogs.open({ callId, local, remote: message.headers.from, target });
      },
    };
  };

  const invite: SipAgent['invite'] = (uri, headers, signal) => {
    const callId = randomUUID();
    const from = { uri: `sip:${name}@${host}:${port}`, params: { tag: newTag() } };
    const common = { to: { uri, params: {} }, from, 'call-id': callId, 'max-forwards': 70 };
    const whole = { ...common, cseq: { method: 'INVITE', seq: 1 }, contact, ...offer, ...headers };
    const request: Message = { method: 'INVITE', uri, headers: whole, content };
    return new Promise<InviteResult>((resolve) => {
      let provisional = false;
      const cancel = (): void => {
        // Nothing may be cancelled before there was any response (RFC 3261, section 9.1).
        if (!provisional) return void resolve({ status: 408 });
        // A CANCEL has the Via of the INVITE, from which the other side knows what it cancels (RFC 3261, section 9.1).
        const via = request.headers.via?.slice(0, 1);
        const cseq = { method: 'CANCEL', seq: 1 };
        stack.send({ method: 'CANCEL', uri, headers: { ...common, cseq, ...(via && { via }) } });
      };
      signal.addEventListener('abort', cancel);
      stack.send(request, (response) => {
        const { status = 0, headers: answer } = response;
        provisional = true;
        if (status < 200) return;
        signal.removeEventListener('abort', cancel);
        if (status >= 300) return resolve({ status });
        const target = answer.contact?.[0]?.uri ?? uri;
        const parties = { callId, local: from, remote: answer.to, target };
        dialogs.acknowledge(parties);
        return resolve({ status, dialog: dialogs.open(parties) });
      });
    });
  };

  const stack: Stack = create(
    {
      address: host,
      port,
      // The package takes a URI at its own host for a connection token, so it must not be called 127.0.0.1.
      publicAddress: `${name}.invalid`,
      udp: true,
      tcp: true,
      logger: {
        send: (message) => tap(message.method ?? `${message.status} ${message.reason}`, stringify(message)),
        // Incoming messages were already recorded by their sender; re-serialised, they wouldn't be the same bytes.
        recv: () => undefined,
      },
    },
    receive,
  );

  // The package sends on the next tick: what is on its way then, such as a last BYE, goes before the socket closes.
  const stop = (): void => {
    setImmediate(() => {
      stack.destroy();
      sockets.destroy();
    });
  };
  return { address: `${host}:${port}`, invite, stop };
}

/** The package closes its servers but none of its TCP connections: these are the ones of this port. */
function trackSockets(port: number): { destroy(): void } {
  const sockets = new Set<Socket>();
  const add = (message: unknown): void => {
    if (typeof message !== 'object' || message === null || !('socket' in message)) return;
    const { socket } = message;
    if (!(socket instanceof Socket)) return;
    for (const known of sockets) if (known.destroyed) sockets.delete(known);
    sockets.add(socket);
  };
  subscribe('net.server.socket', add);
  subscribe('net.client.socket', add);
  return {
    destroy: () => {
      unsubscribe('net.server.socket', add);
      unsubscribe('net.client.socket', add);
      for (const socket of sockets) if (socket.localPort === port || socket.remotePort === port) socket.destroy();
    },
  };
}
