import { resolve } from 'node:path';
import axe from 'axe-core';
import axios from 'axios';
import { findBrowser, startBrowser } from '../../setup/browser';
import { credentials, settings, useStandIn } from '../../setup/live';
import { minutesAgo, record } from '../../setup/recorded-calls';

const executablePath = findBrowser();
if (executablePath === undefined)
  console.warn('skipped: no Chromium on this machine; install one, or set CHROMIUM_PATH');
const withBrowser = executablePath === undefined ? test.skip : test;
const pictures = resolve(__dirname, '../../../reports/pictures');

const { api, place, deployed } = useStandIn();
const full = { ...settings, ...credentials };

/** A clock on which waiting takes little time, and which keeps what it was asked to wait for. */
function watchedClock() {
  const waits: number[] = [];
  let isStopped = false;
  const pause = (ms: number): Promise<void> => {
    waits.push(ms);
    return new Promise((done) => setTimeout(() => isStopped || done(), 50));
  };
  /** From now on, no wait ends. */
  const stop = (): void => {
    isStopped = true;
  };
  return { now: Date.now, pause, waits, stop };
}

withBrowser(
  'npm run lab -- --live shows the calls of the deployment as they come, asks Twilio once in 10 s, and changes nothing',
  async () => {
    deployed();
    const calls = (['answered', 'outage', 'transfer'] as const).map((name, index) =>
      record(api(), name, { placed: minutesAgo(90 - index * 30) }),
    );
    // The line that ends the first call is still to come, and Twilio's list of calls can't be read at first.
    const end = api().logs.splice(1, 1);
    api().fail(/Calls\.json/, 403);
    api().alerts.push({ error_code: '82005', request_url: null, resource_sid: calls[1] ?? '' });
    const clock = watchedClock();
    const output = { stdout: '', stderr: '' };
    const url = await new Promise<string>((resolve) => {
      const onOutput = (stdout: string, stderr: string): void => {
        Object.assign(output, { stdout, stderr });
        if (stdout.includes('Ctrl-C ends it.\n')) resolve(/http:\S+/.exec(stdout)?.[0] ?? '');
      };
      void place(full).run('lab', ['--live'], { clock, onOutput });
    });
    const browser = await startBrowser(executablePath ?? '');
    const page = await browser.newPage({ viewport: { width: 1240, height: 940 } });
    const complaints: string[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (request.method() !== 'GET' || !request.url().startsWith(url)) complaints.push(request.url());
    });
    page.setDefaultTimeout(110_000);
    await page.goto(url);
    await page.locator('#calls button').nth(2).waitFor();
    await page.getByText("Twilio's calls could not be read (Twilio answered HTTP 403").waitFor();
    api().heal();
    const listed = await page.locator('#calls button').allInnerTexts();
    await page.locator('#calls button').last().click();
    await page.getByText('are read once somebody opens the call').waitFor();
    await page.locator('#sources', { hasText: 'talked for 5 s; the agent hung up; a transcript' }).waitFor();
    api().logs.push(...end);
    await page.locator('#state', { hasText: 'reached the agent' }).waitFor();
    const sources = await page.locator('#sources').textContent();
    const titles = await page.locator('.step .title').allInnerTexts();
    const links = await page.evaluate('[...document.querySelectorAll("article a")].map(({ href }) => href)');
    await page.locator('#overview', { hasText: 'Alerts: 1 in the last day: 82005 (1).' }).waitFor();
    const overview = await page.locator('#overview').textContent();
    await page.screenshot({ path: `${pictures}/live-1240-light.png`, fullPage: true });
    await page.setViewportSize({ width: 360, height: 800 });
    const width = await page.evaluate('document.documentElement.scrollWidth');
    await page.screenshot({ path: `${pictures}/live-360-light.png`, fullPage: true });
    await page.evaluate(axe.source);
    const violations = await page.evaluate('axe.run().then(({ violations }) => violations.map(({ id }) => id))');
    const text = await page.content();
    const saved = await axios.get<string>(`${url}api/page?call=${calls[0]}`, { proxy: false });
    const placing = await axios.post(`${url}api/calls`, {}, { proxy: false, validateStatus: () => true });
    await browser.close();
    clock.stop();
    const { stdout, stderr } = output;

    expect(listed.map((one) => one.replace(/\s+/g, ' '))).toEqual([
      expect.stringContaining('…0100 a real call reached the agent'),
      expect.stringContaining('…0100 a real call did not reach the agent: outage'),
      expect.stringContaining('…0100 a real call in progress'),
    ]);
    // What was asked for of a call stays when the call goes on.
    expect(sources).toContain('agent: agent, completed');
    expect(sources).toContain('talked for 5 s; the agent hung up; a transcript');
    expect(titles).toEqual([
      'calls …0100: rang 3 s, talked 6 s',
      'POST /inbound: 200 OK in 250 ms',
      '/inbound logs agent',
      'record: completed; human_goodbye; rang for 0 s; talked for 5 s; the agent hung up; a transcript',
      'rang 2 s, talked 5 s',
      'POST /dial-result: 200 OK in 250 ms',
      '/dial-result logs completed',
    ]);
    expect(links).toContain(`https://www.twilio.com/console/voice/calls/logs/${calls[0]}`);
    expect(overview).toContain('Calls in the last day: 3, and 66.7 % reached the agent. Test calls: 0.');
    expect(width).toBeLessThanOrEqual(360);
    expect(violations).toEqual([]);
    expect(complaints).toEqual([]);
    for (const shown of [text, saved.data, stdout, stderr]) {
      expect(shown).not.toMatch(/5550100142|5550100100/);
      expect(shown).not.toContain(settings.SYNTHFLOW_API_KEY);
    }
    expect(placing.status).toBe(404);
    expect(api().arrivals.filter(({ method }) => method !== 'GET')).toEqual([]);
    // Each request to Twilio waits for its turn.
    const asked = api().arrivals.filter(({ host }) => host.endsWith('twilio.com')).length;
    expect(asked).toBeGreaterThan(5);
    expect(new Set(clock.waits)).toEqual(new Set([10_000]));
    expect(clock.waits.length).toBeGreaterThanOrEqual(asked - 1);
  },
  60_000,
);
