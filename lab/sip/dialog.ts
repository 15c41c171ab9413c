import { EventEmitter, once } from 'node:events';
import { type Message, makeResponse, type Stack } from 'sip';

type Address = Message['headers']['to'];

/** An answered SIP call, seen from one side. */
export interface Dialog {
  /** Settles when the other side says BYE. */
  readonly ended: Promise<'bye'>;
  /** Calls back with the Refer-To of each REFER from the other side. */
  onRefer(listener: (referTo: string) => void): void;
  bye(): void;
  /** Sends a REFER; resolves with the status of its answer. */
  refer(referTo: string): Promise<number>;
  /** Sends the result of a transfer to the side that asked for it (RFC 3515, section 2.4.4). */
  notify(status: number, reason: string): void;
  /** Calls back with the status of each such NOTIFY from the other side. */
  onNotify(listener: (status: number) => void): void;
}

/** The dialogs of a user agent. */
export interface Dialogs {
  /** Confirms an answered INVITE, on the side that sent it. */
  acknowledge(parties: DialogParties): void;
  /** Answers a request within a dialog; `false` if it belongs to none. */
  receive(request: Message): boolean;
  open(parties: DialogParties): Dialog;
}

/** Who talks to whom in a dialog (RFC 3261, section 12). */
export interface DialogParties {
  readonly callId: string;
  readonly local: Address;
  readonly remote: Address;
  /** The other side's Contact, to which every request goes. */
  readonly target: string;
}

/** The dialogs of a user agent that has this Contact, and speaks through this stack. */
export function createDialogs(contact: Address[], stack: () => Stack): Dialogs {
  const open = new Map<string, (request: Message) => void>();

  const requestOf = (method: string, seq: number, parties: DialogParties, headers: object = {}, content = '') => ({
    method,
    uri: parties.target,
    headers: {
      to: parties.remote,
      from: parties.local,
      contact,
      'call-id': parties.callId,
      cseq: { method, seq },
      'max-forwards': 70,
      ...headers,
    },
    content,
  });

  return {
    acknowledge: (parties) => stack().send(requestOf('ACK', 1, parties)),
    receive: (request) => {
      const handle = open.get(request.headers['call-id']);
      handle?.(request);
      return handle !== undefined;
    },
    open: (parties) => {
      // That of the INVITE, on the side that sent it; the other side may begin anywhere (RFC 3261, section 12.2.1.1).
      let sequence = 1;
      const events = new EventEmitter<{ refer: [string]; notify: [number]; bye: [] }>();
      const send = (method: string, headers?: object, content?: string, onResponse?: (response: Message) => void) => {
        sequence += 1;
        stack().send(requestOf(method, sequence, parties, headers, content), onResponse);
      };
      open.set(parties.callId, (request) => {
        if (request.method === 'ACK') return;
        if (request.method === 'REFER') {
          stack().send(makeResponse(request, 202, 'Accepted'));
          events.emit('refer', `<${request.headers['refer-to']?.uri}>`);
          return;
        }
        stack().send(makeResponse(request, 200, 'OK'));
        if (request.method === 'NOTIFY') {
          events.emit('notify', Number(/^SIP\/2\.0 (\d{3})/.exec(request.content ?? '')?.[1]));
        }
        if (request.method === 'BYE' && open.delete(parties.callId)) events.emit('bye');
      });
      return {
        ended: once(events, 'bye').then(() => 'bye' as const),
        onRefer: (listener) => void events.on('refer', listener),
        bye: () => {
          if (open.delete(parties.callId)) send('BYE');
        },
        refer: (referTo) =>
          new Promise<number>((resolve) => {
            const headers = { 'refer-to': { uri: referTo, params: {} } };
            send('REFER', headers, '', ({ status }) => resolve(status ?? 0));
          }),
        notify: (status, reason) => {
          const subscription = { event: 'refer', 'subscription-state': 'terminated;reason=noresource' };
          const headers = { ...subscription, 'content-type': 'message/sipfrag;version=2.0' };
          if (open.has(parties.callId)) send('NOTIFY', headers, `SIP/2.0 ${status} ${reason}\r\n`);
        },
        onNotify: (listener) => void events.on('notify', listener),
      };
    },
  };
}
