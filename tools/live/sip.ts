import { randomUUID } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { connect as connectTcp, isIP } from 'node:net';
import { addAbortSignal } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import ipaddr from 'ipaddr.js';
import { stringify } from 'sip';
import type { Trunk } from '../../src/assets/synthflow/trunk.private';
import { type Finding, failed, notChecked, ok, warning } from './report';

/** Milliseconds that a trunk has to answer an OPTIONS. */
const timeoutMs = 3000;

/** Whether Twilio's cloud can reach an address: not one that is private, local or reserved. */
const isPublic = (address: string): boolean => ipaddr.process(address).range() === 'unicast';

/** Whether the trunk's name leads to a public address, and whether its port answers. Sends no INVITE. */
export async function checkTrunk(trunk: Trunk | undefined): Promise<readonly Finding[]> {
  if (trunk === undefined) return [notChecked('SIP trunk', 'the settings above do not name it')];
  const host = trunk.hosts[0].name;
  const addresses = await lookup(host, { all: true }).catch(() => []);
  if (addresses.length === 0) {
    const fix = 'correct SYNTHFLOW_REGION, or SYNTHFLOW_SIP_TERMINATION if set';
    return [failed('SIP trunk', `${host} does not resolve`, fix)];
  }
  const hidden = addresses.find(({ address }) => !isPublic(address));
  const detail = `${host} resolves to ${hidden?.address}, which Twilio cannot reach`;
  const resolved = hidden
    ? failed('SIP trunk', detail, 'set SYNTHFLOW_SIP_TERMINATION to a public address')
    : ok('SIP trunk', `${host} resolves to a public address`);
  return [resolved, await checkAnswer(trunk)];
}

async function checkAnswer(trunk: Trunk): Promise<Finding> {
  const transport = trunk.transport ?? 'udp';
  const place = `${trunk.hosts[0].name}:${trunk.hosts[0].port} over ${transport.toUpperCase()}`;
  const ask = transport === 'udp' ? askDatagram : askStream;
  const answer = await ask(trunk, optionsFor(trunk, transport)).catch(() => undefined);
  if (answer !== undefined) return ok('SIP answer', `${place} answers OPTIONS with ${answer}`);
  // A trunk may ignore strangers, and a network may let no SIP out: neither says that a call would fail.
  const fix = 'if calls fail with sipStatus 408 or none, try another SYNTHFLOW_SIP_TRANSPORT';
  return warning('SIP answer', `${place} did not answer OPTIONS within ${timeoutMs / 1000} s`, fix);
}

function optionsFor(trunk: Trunk, transport: string): string {
  const [{ name, port }] = trunk.hosts;
  const uri = `sip:${name}:${port}`;
  const params = { branch: `z9hG4bK${randomUUID()}`, rport: null };
  const via = { version: '2.0', protocol: transport, host: 'check.invalid', params };
  return stringify({
    method: 'OPTIONS',
    uri,
    version: '2.0',
    headers: {
      via: [via],
      to: { uri, params: {} },
      from: { uri: 'sip:check@check.invalid', params: { tag: randomUUID() } },
      'call-id': randomUUID(),
      cseq: { method: 'OPTIONS', seq: 1 },
      'max-forwards': 70,
    },
  });
}

/** The status line of a SIP answer, without its version, up to what a terminal might obey; `undefined` for anything else. */
const statusOf = (data: Buffer): string | undefined => /^SIP\/2\.0 (\d{3} [ -~]*)/.exec(data.toString('latin1'))?.[1];

async function askDatagram({ hosts: [{ name, port }] }: Trunk, message: string): Promise<string | undefined> {
  const socket = createSocket('udp4');
  socket.send(message, port, name);
  const signal = AbortSignal.timeout(timeoutMs);
  const [data] = await once(socket, 'message', { signal }).finally(() => socket.close());
  return statusOf(data);
}

async function askStream({ hosts: [{ name: host, port }], transport }: Trunk, message: string) {
  // A server name can't be an IP address (RFC 6066, section 3).
  const servername = isIP(host) === 0 ? host : '';
  const socket = transport === 'tls' ? connectTls({ host, port, servername }) : connectTcp(port, host);
  addAbortSignal(AbortSignal.timeout(timeoutMs), socket).write(message);
  for await (const data of socket) return statusOf(data);
  return undefined;
}
