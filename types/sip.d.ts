/** The part of npm's `sip` that the lab uses; the package has no types of its own. */
declare module 'sip' {
  interface Address {
    name?: string;
    uri: string;
    params: Record<string, string>;
  }
  interface Message {
    method?: string;
    uri?: string;
    status?: number;
    reason?: string;
    version?: string;
    headers: {
      to: Address;
      from: Address;
      'call-id': string;
      cseq: { method: string; seq: number };
      contact?: Address[];
      'refer-to'?: Address;
      via?: object[];
      [name: string]: unknown;
    };
    content?: string;
  }
  interface Remote {
    protocol: string;
    address: string;
    port: number;
  }
  interface Options {
    address: string;
    port: number;
    publicAddress: string;
    udp: boolean;
    tcp: boolean;
    logger: { send(message: Message, target: Remote): void; recv(message: Message, remote: Remote): void };
  }
  interface Stack {
    send(message: Message, onResponse?: (response: Message) => void): void;
    destroy(): void;
  }
  function create(options: Options, onRequest: (request: Message, remote: Remote) => void): Stack;
  function makeResponse(request: Message, status: number, reason: string): Message;
  function stringify(message: Message): string;
}
