import { connect } from 'node:net';
import { resolve } from 'node:path';
import axe from 'axe-core';
import axios from 'axios';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import type { LocalServer } from '../../../lab/http';
import { type Lab, startLab } from '../../../lab/lab';
import { startLabServer } from '../../../lab/page/lab-server';
import { labEnvironment, type PlayedSettings } from '../../../lab/settings';
import { findBrowser, startBrowser } from '../../setup/browser';

const executablePath = findBrowser();
if (executablePath === undefined)
  console.warn('skipped: no Chromium on this machine; install one, or set CHROMIUM_PATH');
const withBrowser = executablePath === undefined ? describe.skip : describe;
const pictures = resolve(__dirname, '../../../reports/pictures');

let played: PlayedSettings = { environment: labEnvironment, numbers: {} };
const about = { settings: async () => played, source: () => 'its own settings', pace: 50 };
let lab: Lab;
let server: LocalServer;
beforeAll(async () => {
  lab = await startLab({ secondMs: 20, settings: about.settings });
  server = await startLabServer(lab, about);
});
afterAll(async () => {
  await server.stop();
  await lab.stop();
});

withBrowser("The lab's page", () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let complaints: string[];
  beforeAll(async () => {
    browser = await startBrowser(executablePath ?? '');
  });
  afterAll(() => browser.close());

  /** A page whose console and requests are watched. */
  const open = async (url = server.url): Promise<Page> => {
    const opened = await context.newPage();
    opened.setDefaultTimeout(110_000);
    opened.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    opened.on('pageerror', (error) => complaints.push(error.message));
    opened.on('request', (request) => {
      if (new URL(request.url()).hostname !== '127.0.0.1') complaints.push(`asks ${request.url()}`);
    });
    await opened.goto(url);
    await opened.locator('#scenario option').first().waitFor({ state: 'attached' });
    return opened;
  };
  beforeEach(async () => {
    complaints = [];
    played = { environment: labEnvironment, numbers: {} };
    context = await browser.newContext({
      viewport: { width: 1240, height: 900 },
      colorScheme: 'light',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    page = await open();
  });
  afterEach(() => context.close());

  const call = (): Promise<void> => page.getByRole('button', { name: 'Call', exact: true }).click();
  const ended = (on = page) => on.locator('#state', { hasText: /reach|placed|elsewhere|refused|hung up/ }).waitFor();
  const place = async (scenario: string): Promise<void> => {
    await page.getByLabel('Scenario').selectOption(scenario);
    await call();
    await page.getByRole('heading', { name: `: ${scenario}` }).waitFor();
    await ended();
  };
  const texts = (selector: string, on = page): Promise<string[]> => on.locator(selector).allInnerTexts();
  /** The rows of the diagram, without their times. */
  const rows = async (on = page): Promise<string[]> => {
    const all = await on.locator('.step').allTextContents();
    return all.map((row) => row.replace(/^[\d.]+ s /, ''));
  };

  test('names each message for what it says, opens and copies it, and places the call again', async () => {
    await place('answered');

    expect((await rows()).slice(0, 8)).toEqual([
      'caller → Twilio dials +15550100100',
      'Twilio → function POST /inbound',
      'function → Synthflow API POST /v2/prepare_inbound',
      'Synthflow API → function registered',
      'function → Twilio Dial agent',
      'Twilio → Synthflow SIP INVITE',
      'Synthflow SIP → Twilio 180 Ringing',
      'Synthflow SIP → Twilio 200 OK',
    ]);
    expect((await texts('.heard .sound')).filter((text) => text !== '')).toEqual(['ringing', 'the agent']);
    expect(await page.locator('.failed').count()).toBe(0);
    // The agent talks for 5 s, whatever the pace.
    const at = async (name: RegExp): Promise<number> =>
      Number.parseFloat((await page.getByRole('button', { name }).textContent()) ?? '');
    expect((await at(/BYE/)) - (await at(/180 Ringing/))).toBeGreaterThanOrEqual(5);
    expect(await page.locator('#played').textContent()).toContain('played 50 times as fast');
    expect(await texts('#told li')).toEqual([
      '/inbound: agent, the agent rings, with the prepared call',
      '/dial-result: completed, the end of the call, after 5 s with the agent',
    ]);

    const invite = page.getByRole('button', { name: 'Twilio → Synthflow SIP INVITE' });
    await invite.click();
    const [message] = await texts('.message:visible pre');

    expect(await invite.getAttribute('aria-expanded')).toBe('true');
    expect(message).toMatch(
      /^INVITE sip:\+15550100100@127\.0\.0\.1:\d+ SIP\/2\.0\s[\s\S]*\sX-EI: S\.[0-9a-f-]{36};E\.CA[0-9a-f]{32};\s/,
    );
    // The README's picture, on request.
    if (process.env.LAB_PICTURE) await page.screenshot({ path: process.env.LAB_PICTURE, fullPage: true });

    await page.getByRole('button', { name: 'Copy', exact: true }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toMatch(/^INVITE sip:/);

    const first = page.url();
    await page.getByRole('button', { name: 'Call again' }).click();
    await page.waitForURL((url) => url.href !== first);
    await ended();
    expect((await rows())[4]).toBe('function → Twilio Dial agent');
    expect(complaints).toEqual([]);
  });

  test.each([
    ['agent-busy', 'Synthflow SIP → Twilio 486 Busy Here (failed)', /^agent busy: .* → raise the agent's concurrency/],
    ['function-gone', 'function → Twilio 500 Internal Server Error (failed)', /^Twilio warns: 11200 got HTTP 500/],
  ])('draws what failed in red, and says why and what to do: %s', async (scenario, step, advice) => {
    await place(scenario);
    const colour = (found: Locator): Promise<string> =>
      found.evaluate((node) => node.ownerDocument.defaultView?.getComputedStyle(node).color ?? '');

    expect(await rows()).toContain(step);
    const failed = page.locator('.failed .title').first();
    expect(await colour(failed)).not.toBe(await colour(page.locator('.step:not(.failed) .title').first()));
    expect(await texts('#told li')).toContainEqual(expect.stringMatching(advice));
    expect(complaints).toEqual([]);
  });

  test('says what a scenario plays in place of the settings', async () => {
    await page.getByLabel('Scenario').selectOption('agent-too-short');
    expect(await page.locator('#changes').textContent()).toBe(
      'agent-too-short: the agent leaves after 2 s of 5. It plays MIN_AGENT_SECONDS=5, in place of yours.',
    );
  });

  test('plays what the form says, and settings that have changed since the last call', async () => {
    await page.getByText('More about the call').click();
    await page.getByLabel('Caller', { exact: true }).fill('whatsapp');
    await page.getByLabel('Called number').fill('+1 (555) 010-0177');
    await page.getByLabel('Forwarded from').fill('+15550100188');
    await page.getByLabel('Parameters').fill('FromCity=Berlin');
    await page.getByLabel('Time').fill('2026-12-25T10:00');
    await call();
    await ended();
    const request = page.getByRole('button', { name: 'POST /inbound' });
    await request.click();
    const [message = ''] = await texts('.message:visible pre');

    expect(message.split('\n')).toEqual(
      expect.arrayContaining([
        'From=whatsapp:+15550100142',
        'To=+15550100177',
        'ForwardedFrom=+15550100188',
        'FromCity=Berlin',
      ]),
    );
    expect(await rows()).toContain('function → Twilio Dial agent');

    played = { environment: { ...labEnvironment, CALL_ROUTE: 'voicemail' }, numbers: {} };
    const first = page.url();
    await call();
    await page.waitForURL((url) => url.href !== first);
    await ended();
    expect(await page.locator('#title').textContent()).toContain('calls +15550100177');
    expect(await rows()).toContain('function → Twilio Record');
  });

  test("shows what the called number gets, the table's numbers, and what is wrong with the settings", async () => {
    const environment = { ...labEnvironment, SYNTHFLOW_API_KEY: 'canary-key', CALLER_ID: '4711' };
    played = { environment, numbers: { '+15550100155': { modelId: 'agent-of-155' } } };
    await page.reload();
    await page.locator('#numbers option').waitFor({ state: 'attached' });
    expect(await page.getByLabel('Called number').inputValue()).toBe('+15550100155');
    await page.getByText('What the called number gets').click();
    await page.getByRole('cell', { name: 'agent-of-155', exact: true }).waitFor();
    const panel = await page.locator('#panel').textContent();

    expect(panel).toMatch(/agent\s*number table\s*agent-of-155/);
    expect(panel).toMatch(/API key\s*SYNTHFLOW_API_KEY\s*set, not shown/);
    expect(panel).toContain('CALLER_ID: expected');
    expect(panel).not.toContain('canary');
  });

  test('says beside its field what is not understood, in the words of its label', async () => {
    const called = page.getByLabel('Called number');
    await called.fill('100');
    await call();
    const note = page.getByText(
      'Called number: expected a phone number such as +15550100100, or a SIP address with a user; found "100"',
    );
    await note.waitFor();

    expect(await called.getAttribute('aria-invalid')).toBe('true');
    expect(await called.getAttribute('aria-describedby')).toBe(await note.getAttribute('id'));
    expect(await page.locator('#called:focus').count()).toBe(1);

    await called.fill(' +1 (555) 010-0100 ');
    await call();
    await page.getByRole('heading', { name: 'calls +15550100100: answered' }).waitFor();
    expect(await called.getAttribute('aria-invalid')).toBeNull();
    const more = page.getByText('More about the call');
    await more.click();
    await page.getByLabel('Forwarded from').fill('nobody knows');
    await more.click();
    await call();
    await page.getByText('Forwarded from: expected a phone number or a SIP address; found "nobody knows"').waitFor();
    expect(await page.getByLabel('Forwarded from').isVisible()).toBe(true);
  });

  test('shows one call under its own link, and says if it is unknown', async () => {
    await place('outage');
    await page.getByRole('button', { name: 'Copy link' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    const link = String(await page.evaluate('navigator.clipboard.readText()'));
    const other = await open(link);
    await ended(other);
    expect(await rows(other)).toEqual(await rows());

    await page.goto(`${server.url}#call=nonsense`);
    await page.getByText("This lab doesn't know the call of this link").waitFor();
    expect(complaints).toEqual([]);
  });

  test('works by keyboard alone', async () => {
    await page.getByLabel('Caller', { exact: true }).focus();
    await page.keyboard.press('Enter');
    await ended();
    await page.getByRole('button', { name: 'POST /inbound' }).focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('.message:visible pre').textContent()).toContain('CallSid=CA');

    // Every control can be reached, in the order of the page.
    await page.getByLabel('Caller', { exact: true }).focus();
    for (const id of ['called', 'scenario', 'submit']) {
      await page.keyboard.press('Tab');
      expect(await page.locator(`#${id}:focus`).count()).toBe(1);
    }
  });

  test('draws a call even if updates are late, split or interrupted', async () => {
    let asked = 0;
    await page.route('**/api/news*', async (route) => {
      asked += 1;
      if (asked % 3 === 1) await route.abort();
      else if (asked % 3 === 2) await route.fulfill({ status: 200, body: '{"instance":"cut' });
      else await new Promise((done) => setTimeout(done, 100)).then(() => route.continue());
    });
    await place('transfer');

    const { data } = await axios.get(`${server.url}api/news`, { proxy: false });
    const { story } = data.calls.find(({ id }: { id: string }) => page.url().endsWith(id));
    expect(await page.locator('.step').count()).toBe(story.steps.length);
  });

  test('says that the lab is gone, and where the next one is', async () => {
    const own = await startLabServer(lab, about);
    await page.goto(own.url);
    await call();
    await ended();
    await own.stop();
    await page.getByRole('alert').filter({ hasText: "The lab isn't running any more" }).waitFor();

    expect(await page.getByRole('button', { name: 'Call', exact: true }).isDisabled()).toBe(true);
  });

  test('survives what an earlier version has stored', async () => {
    for (const form of ['{', '7', 'null', '{"scenario":"of another version"}', '{"scenario":"answered","caller":7}']) {
      await page.evaluate(`sessionStorage.setItem('form', ${JSON.stringify(form)})`);
      await page.reload();
      await page.getByRole('button', { name: 'Call', exact: true }).waitFor();

      expect({ form, isAlarmed: await page.getByRole('alert').isVisible() }).toEqual({ form, isAlarmed: false });
    }
    await page.evaluate('sessionStorage.clear()');
  });

  test('says which call waits for another, and lists, filters and keeps its size with many', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const busy: Lab = { ...lab, place: (...args) => held.then(() => lab.place(...args)) };
    const own = await startLabServer(busy, about);
    await page.goto(own.url);
    for (let count = 0; count < 15; count += 1) {
      const scenario = count % 3 === 0 ? 'outage' : 'caller-refused';
      await axios.post(`${own.url}api/calls`, { scenario }, { proxy: false });
    }
    await page.locator('#calls li').nth(14).waitFor();
    expect(await page.locator('#calls li').first().textContent()).toContain('waits for another call');
    release();
    await page
      .locator('#calls li', { hasText: /wait|progress/ })
      .first()
      .waitFor({ state: 'detached' });
    const list = await page.locator('#calls').boundingBox();
    expect(list?.height).toBeLessThanOrEqual(640);

    const [, item = ''] = await texts('#calls li');
    expect(item).toMatch(/^anonymous → \+15550100100\ncaller-refused\nrefused\n.*\d:\d\d.*, [\d.]+ s$/);
    await page.getByLabel('Filter').fill('outage 0100');
    expect(await texts('#calls li')).toHaveLength(5);
    await page.getByLabel('Filter').fill('no such call');
    await page.getByText('No call has these words.').waitFor();
    await page.getByLabel('Filter').fill('');
    await look('calls', 1280, 'light');
    await own.stop();
  });

  test('saves a call as JSON, and as a page that needs neither the lab nor a network', async () => {
    await place('transfer');
    const drawn = await rows();
    const [json] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as JSON' }).click(),
    ]);
    expect(json.suggestedFilename()).toMatch(/^call-[0-9a-f]{8}\.json$/);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as page' }).click(),
    ]);
    expect(file.suggestedFilename()).toMatch(/^call-15550100100-[0-9a-f]{8}\.html$/);

    const path = resolve(pictures, 'saved.html');
    await file.saveAs(path);
    const other = await context.newPage();
    const asked: string[] = [];
    other.on('request', (request) => asked.push(request.url()));
    await other.goto(`file://${path}`);
    expect(await rows(other)).toEqual(drawn);
    expect(await other.locator('#place').isVisible()).toBe(false);
    expect(asked).toEqual([`file://${path}`]);
  });

  /** Asserts that nothing leaves the window, and that no label of the diagram leaves it or covers the times. */
  async function fits(width: number): Promise<void> {
    await page.setViewportSize({ width, height: 900 });

    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    expect(await page.evaluate(misplacedLabels)).toEqual([]);
    if ((await page.locator('.arrow').count()) === 0) return;
    expect(await page.locator('.arrow').first().isVisible()).toBe(width >= 768);
  }

  /** Asserts that a picture is accessible, and saves it in reports/pictures. */
  async function look(name: string, width: number, colorScheme: 'light' | 'dark'): Promise<void> {
    await page.emulateMedia({ colorScheme });
    await fits(width);
    await page.screenshot({ path: resolve(pictures, `${name}-${width}-${colorScheme}.png`), fullPage: true });
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>(
      'axe.run()',
    );

    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    expect(await page.evaluate(borderContrast)).toBeGreaterThanOrEqual(3);
  }

  test('draws the lifeline of each of the six, however wide the window is', async () => {
    await place('outage');
    const lines: number[] = [];
    for (const width of [1240, 1280, 1440, 1920]) {
      await page.setViewportSize({ width, height: 900 });
      // A row of the diagram with nothing in it but the lifelines.
      const picture = await page.locator('li.row.heard .lanes').first().screenshot();
      lines.push(await page.evaluate<number>(`(${countLines})("${picture.toString('base64')}")`));
    }

    expect(lines).toEqual([6, 6, 6, 6]);
  });

  test('says by which settings it plays, as they are now, after a reload and with the next call', async () => {
    let source = 'settings of its own';
    const own = await startLabServer(lab, { ...about, source: () => source });
    await page.goto(own.url);
    await page.getByText('Plays settings of its own.').waitFor();
    source = '.env and your number table';
    await call();
    await page.getByText('Plays .env and your number table.').waitFor();
    source = 'another file';
    await page.reload();
    await page.getByText('Plays another file.').waitFor();
    await own.stop();
  });

  test('shows the calls before the diagram in a narrow window, and no list without calls', async () => {
    const own = await startLabServer(lab, about);
    await page.goto(own.url);
    await page.setViewportSize({ width: 360, height: 900 });
    await page.getByRole('button', { name: 'Call', exact: true }).waitFor();
    expect(await page.getByLabel('Filter').count()).toBe(0);
    await place('answered');
    const [list, diagram] = [await page.locator('#calls').boundingBox(), await page.locator('#ladder').boundingBox()];

    expect(list?.y).toBeLessThan(diagram?.y ?? 0);
    await own.stop();
  });

  test('is well laid out in narrow and wide windows, light and dark, and axe finds nothing', async () => {
    await place('transfer-forbidden');
    await page.getByText('What the called number gets').click();
    await page.getByRole('cell', { name: 'after a voicemail' }).waitFor();
    await page.getByText('More about the call').click();
    for (const width of [320, 767, 768, 1024, 1025, 1600]) await fits(width);
    for (const width of [360, 1280]) {
      await look('call', width, 'light');
      await look('call', width, 'dark');
    }
    expect(complaints).toEqual([]);
  });

  test.each([`sip:${'x'.repeat(110)}@acme.sip.twilio.com`, 'client:<script>alert(1)</script>'])(
    'keeps its layout for a caller such as %s',
    async (caller) => {
      await page.getByLabel('Caller', { exact: true }).fill(caller);
      await place('outage');
      for (const width of [320, 1280]) await fits(width);
      expect(await page.getByRole('heading', { level: 2 }).first().textContent()).toMatch(/^\S+ calls \+15550100100/);
      expect(complaints).toEqual([]);
    },
  );
});

/** Counts the vertical lines in a picture, from left to right through its middle. */
const countLines = `async (picture) => {
  const image = new Image();
  image.src = 'data:image/png;base64,' + picture;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d');
  canvas.drawImage(image, 0, 0);
  const { data } = canvas.getImageData(0, Math.floor(image.height / 2), image.width, 1);
  const isInk = (x) => data[4 * x] < 200;
  return [...Array(image.width).keys()].filter((x) => isInk(x) && !isInk(x - 1)).length;
}`;

/** The labels of the diagram that cover the times, or leave the diagram. */
const misplacedLabels = `[...document.querySelectorAll('.step')].flatMap((row) => {
  const [time, title, ladder] = ['.at', '.title'].map((part) => row.querySelector(part)).concat(row.closest('#ladder'))
    .map((node) => node.getBoundingClientRect());
  return title.left >= time.right && title.right <= ladder.right ? [] : [row.textContent];
})`;

/** The lowest contrast between the border of a control and what surrounds it (WCAG 2.2, 1.4.11). */
const borderContrast = `(() => {
  const light = (colour) => {
    const [red, green, blue] = colour.match(/[\\d.]+/g).map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const background = (node) => {
    const colour = getComputedStyle(node).backgroundColor;
    return /, 0\\)$/.test(colour) && node.parentElement ? background(node.parentElement) : colour;
  };
  const contrasts = [...document.querySelectorAll('input:not([type=checkbox]), select, textarea, #ladder')].map((node) => {
    const [one, other] = [light(getComputedStyle(node).borderColor), light(background(node.parentElement))];
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  });
  return Math.min(...contrasts);
})()`;

describe("The lab's server", () => {
  const post = (body: string, headers: Record<string, string> = {}) =>
    fetch(`${server.url}api/calls`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    });

  test('says what is wrong with a request', async () => {
    const response = await post('{"scenario":"answered","called":"911"}');

    expect(response.status).toBe(400);
    expect(await response.text()).toContain('expected a phone number');
  });

  test('refuses a request with another Host', async () => {
    const status = async (host: string) => {
      const options = { headers: { host }, proxy: false, validateStatus: () => true } as const;
      return (await axios.get(`${server.url}api/lab`, options)).status;
    };

    expect(await status(new URL(server.url).host)).toBe(200);
    expect(await status('evil.example')).toBe(404);
  });

  test.each(['constructor', '__proto__', 'toString'])('has no page called %s', async (name) => {
    expect((await fetch(`${server.url}${name}`)).status).toBe(404);
  });

  test.each(['', '//', 'api/lab', 'api/news', 'page.js', 'api/page?call=x'])(
    'answers nobody who has not its address with the token: /%s',
    async (path) => {
      const { origin, pathname } = new URL(server.url);

      expect(pathname).toMatch(/^\/[0-9a-f]{32}\/$/);
      expect((await fetch(`${origin}/${path}`)).status).toBe(404);
      expect((await fetch(`${origin}/${'0'.repeat(32)}/${path}`)).status).toBe(404);
    },
  );

  test('lets its page load nothing from elsewhere, and no other page show it', async () => {
    const { headers } = await axios.get(server.url, { proxy: false });

    expect(headers['content-security-policy']).toBe("default-src 'self'; img-src 'self' data:; frame-ancestors 'none'");
  });

  test("refuses a form, which another site's page could send unasked", async () => {
    expect((await post('{"scenario":"answered"}', { 'content-type': 'text/plain' })).status).toBe(400);
  });

  test('survives a request that is cut short, and one that is too large', async () => {
    const { hostname, port, pathname } = new URL(server.url);
    const cut = connect(Number(port), hostname);
    cut.write(
      `POST ${pathname}api/calls HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"sc`,
    );
    cut.end();
    await new Promise((done) => cut.resume().once('close', done));
    await expect(post('x'.repeat(1_048_577))).rejects.toThrow();

    expect((await fetch(`${server.url}api/lab`)).status).toBe(200);
  });

  test('says that a port is taken, and what to do', async () => {
    const taken = Number(new URL(server.url).port);

    await expect(startLabServer(lab, { ...about, port: taken })).rejects.toThrow(
      `port ${taken} is taken; choose another one with --port`,
    );
  });
});
