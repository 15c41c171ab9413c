import { connect } from 'node:net';
import axios from 'axios';
import type { Browser, Page } from 'playwright-core';
import { type Lab, startLab } from '../../../lab/lab';
import { findBrowser, startBrowser } from '../../../lab/page/browser';
import { type LabServer, startLabServer } from '../../../lab/page/server';

const executablePath = findBrowser();
if (executablePath === undefined)
  console.warn('skipped: no Chromium on this machine; install one, or set CHROMIUM_PATH');
const withBrowser = executablePath === undefined ? describe.skip : describe;
let lab: Lab;
let server: LabServer;
beforeAll(async () => {
  lab = await startLab({ secondMs: 40 });
  server = await startLabServer(lab, 'stand-in');
});
afterAll(async () => {
  await server.stop();
  await lab.stop();
});

withBrowser("The lab's page", () => {
  let browser: Browser;
  let page: Page;
  let foreign: string[];
  beforeAll(async () => {
    browser = await startBrowser(executablePath ?? '');
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    foreign = [];
    page = await browser.newPage({ viewport: { width: 1240, height: 900 }, colorScheme: 'light' });
    page.setDefaultTimeout(110_000);
    page.on('request', (request) => {
      if (!request.url().startsWith(server.url) && !request.url().startsWith('data:')) foreign.push(request.url());
    });
    await page.goto(server.url);
  });
  afterEach(() => page.close());

  const place = async (scenario: string, until: string): Promise<void> => {
    await page.getByLabel('Scenario').selectOption(scenario);
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    await page.getByRole('heading', { name: `calls +15550100100: ${scenario}` }).waitFor();
    await page.locator('#state', { hasText: until }).waitFor();
  };
  const texts = (selector: string): Promise<string[]> => page.locator(selector).allInnerTexts();
  const steps = () => page.locator('.step').evaluateAll((rows) => rows.map((row) => row.getAttribute('aria-label')));

  test('places a good call, draws its ladder, opens a message, and calls again', async () => {
    await place('answered', 'reached the agent');

    const order = (await steps()).map((label) => label?.replace(/^\d+ ms, /, ''));
    expect(order.slice(0, 6)).toEqual([
      'caller to Twilio: dials +15550100100',
      'Twilio to function: POST /inbound, signed',
      'function to Synthflow API: POST /v2/prepare_inbound',
      'Synthflow API to function: 200',
      'function to Twilio: 200 text/xml; charset=utf-8',
      'Twilio to Synthflow SIP: INVITE',
    ]);
    expect((await texts('#heard li')).map((text) => text.replace(/ at .*/, ''))).toEqual(['ringing', 'the agent']);
    expect(await texts('#log b')).toEqual(['/inbound: agent', '/dial-result: completed']);

    const invite = page.getByRole('button', { name: 'Twilio to Synthflow SIP: INVITE' });
    await invite.click();
    expect(await invite.getAttribute('aria-expanded')).toBe('true');
    const [message] = await page.locator('pre:visible').allInnerTexts();
    expect(message).toMatch(
      /^INVITE sip:\+15550100100@127\.0\.0\.1:\d+ SIP\/2\.0\s[\s\S]*\sX-EI: S\.[0-9a-f-]{36};E\.CA[0-9a-f]{32};\s/,
    );

    // The README's picture, for whoever asks for it.
    if (process.env.LAB_PICTURE) await page.screenshot({ path: process.env.LAB_PICTURE, fullPage: true });

    const before = await page.locator('#calls li').count();
    const first = page.url();
    await page.getByRole('button', { name: 'Call again' }).click();
    await page.waitForURL((url) => url.href !== first);
    await page.locator('#state', { hasText: 'reached the agent' }).waitFor();
    expect(await page.locator('#calls li').count()).toBe(before + 1);
    expect(foreign).toEqual([]);
  });

  test('shows a failing call with what the caller hears, the reason and what Twilio warns', async () => {
    await place('function-gone', 'did not reach the agent');

    expect((await texts('#heard li')).map((text) => text.replace(/ at .*/, ''))).toEqual([
      '"We are sorry, our assistant cannot take your call',
      'ringing',
      'a person',
    ]);
    expect(await texts('#warnings li')).toEqual(['11200 got HTTP 500']);
  });

  test('shows one call under its link, to whoever opens it', async () => {
    await place('outage', 'did not reach the agent');
    const other = await browser.newPage();
    await other.goto(page.url());

    expect(await other.getByRole('heading', { name: ': outage' }).isVisible()).toBe(true);
    expect(await other.locator('#log b').allInnerTexts()).toEqual(['/inbound: message (outage)']);
    await other.close();
  });

  test('works by keyboard alone', async () => {
    await page.getByRole('textbox', { name: 'Caller', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.locator('#state', { hasText: 'reached the agent' }).waitFor();
    await page.getByRole('button', { name: 'POST /inbound, signed' }).focus();
    await page.keyboard.press('Enter');

    expect(await page.locator('pre:visible').textContent()).toContain('CallSid=CA');
  });

  test('shows a call whose events it missed, and says when the lab is gone', async () => {
    const own = await startLabServer(lab, 'stand-in');
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    await page.route('**/api/events', async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(own.url);
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    for (let state = 'running'; state === 'running'; ) {
      const { data } = await axios.get(`${own.url}api/lab`, { proxy: false });
      state = data.calls[0]?.state ?? 'running';
    }
    release();
    await page.locator('#state', { hasText: 'reached the agent' }).waitFor();

    await own.stop();
    await page.getByRole('alert').filter({ hasText: 'The lab is not running' }).waitFor();
  });

  test('says what is wrong with a number', async () => {
    await page.getByLabel('Called number').fill('100');
    await page.getByRole('button', { name: 'Call', exact: true }).click();

    await page.getByRole('alert').filter({ hasText: 'Called number: expected a number in E.164' }).waitFor();
  });

  test.each(['light', 'dark'] as const)('fits a narrow window, in the %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 360, height: 740 });
    await place('answered', 'reached the agent');

    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    expect(await page.locator('.parties').first().isVisible()).toBe(true);
  });
});

describe("The lab's server", () => {
  const post = (body: string, headers: Record<string, string> = {}) =>
    fetch(`${server.url}api/calls`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    });

  test.each([
    ['{', 'expected JSON'],
    ['{"scenario":"nonsense"}', 'Scenario: expected'],
    ['{"scenario":"answered","called":"911"}', 'Called number: expected'],
    ['{"scenario":"answered","caller":7}', 'Caller: expected'],
  ])('refuses %s and says what it expects', async (body, expected) => {
    const response = await post(body);

    expect(response.status).toBe(400);
    expect(await response.text()).toContain(expected);
  });

  test('answers no page that gives this machine another name', async () => {
    const status = async (host: string) => {
      const options = { headers: { host }, proxy: false, validateStatus: () => true } as const;
      return (await axios.get(`${server.url}api/lab`, options)).status;
    };

    expect(await status(new URL(server.url).host)).toBe(200);
    expect(await status('evil.example')).toBe(404);
  });

  test('lets its page load nothing from elsewhere', async () => {
    const { headers } = await axios.get(server.url, { proxy: false });

    expect(headers['content-security-policy']).toBe("default-src 'self'");
  });

  test("refuses a form, which another site's page could send unasked", async () => {
    expect((await post('{"scenario":"answered"}', { 'content-type': 'text/plain' })).status).toBe(400);
  });

  test('survives a request that is cut short, and one that is too large', async () => {
    const { hostname, port } = new URL(server.url);
    const cut = connect(Number(port), hostname);
    cut.write(
      `POST /api/calls HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"sc`,
    );
    cut.end();
    await new Promise((done) => cut.resume().once('close', done));
    await expect(post('x'.repeat(1_048_577))).rejects.toThrow();

    expect((await fetch(`${server.url}api/lab`)).status).toBe(200);
  });

  test('says that a port is taken, and what to do', async () => {
    const taken = Number(new URL(server.url).port);

    await expect(startLabServer(lab, 'stand-in', taken)).rejects.toThrow(
      `port ${taken} is taken; choose another one with --port`,
    );
  });
});
