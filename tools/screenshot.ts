import { resolve } from 'node:path';
import { findBrowser, startBrowser } from './lab/browser';
import { startLab } from './lab/lab';
import { startLabServer } from './lab/server';

const picture = resolve(__dirname, '../docs/lab.png');

/** Takes the README's picture: a call that reaches the agent, with its INVITE open. */
async function main(): Promise<void> {
  const executablePath = findBrowser();
  if (executablePath === undefined) throw new Error('expected a Chromium; install one, or set CHROMIUM_PATH');
  const lab = await startLab({ secondMs: 100 });
  const server = await startLabServer(lab, 'stand-in');
  const browser = await startBrowser(executablePath);
  const page = await browser.newPage({ viewport: { width: 1240, height: 900 }, colorScheme: 'light' });
  await page.goto(server.url);
  await page.getByRole('button', { name: 'Call', exact: true }).click();
  await page.getByText('reached the agent').first().waitFor();
  await page.getByRole('button', { name: 'Twilio to Synthflow SIP: INVITE' }).click();
  await page.screenshot({ path: picture, fullPage: true });
  await browser.close();
  await server.stop();
  await lab.stop();
  process.stdout.write(`${picture}\n`);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`The picture could not be taken: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
