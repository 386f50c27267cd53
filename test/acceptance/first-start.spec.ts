import { type Browser, chromium } from 'playwright-core';
import { Service } from './support/service.ts';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** What a newcomer sees after `npm start`. */
describe('The first start', () => {
  let service: Service;
  let browser: Browser;

  beforeAll(async () => {
    service = await Service.start({ ALPHASWARM_ENV: 'dev' });
    const deadline = performance.now() + 30_000;
    while (!/token \(user local/.test(service.output) && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 50));
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    await service.stop();
  });

  it('prints three addresses and a token that works', async () => {
    const addresses = [...service.output.matchAll(/^ {2}(service|tear sheet|API) +(http\S+)$/gm)].map(
      (match) => match[2] ?? '',
    );
    expect(addresses).toHaveLength(3);
    const token = /^ {2}(ey\S+)$/m.exec(service.output)?.[1] ?? '';
    const bars = await fetch(`${service.url}/data/SPX.CBOE/stats`, { headers: { authorization: `Bearer ${token}` } });
    expect(await bars.json()).toMatchObject({ bar_count: 5_105, expected: 5_105, missing: 0, outliers: 29 });
  });

  it.each([1_280, 390])(
    'shows the tear sheet without console errors, %i pixels wide',
    async (width) => {
      const address = /tear sheet +(http\S+)/.exec(service.output)?.[1] ?? '';
      const page = await browser.newPage({ viewport: { width, height: 900 } });
      const faults: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') faults.push(message.text());
      });
      page.on('pageerror', (error) => faults.push(error.message));
      page.on('request', (request) => {
        if (request.url() !== address && !request.url().endsWith('/favicon.ico')) faults.push(`loads ${request.url()}`);
      });
      const response = await page.goto(address);
      expect(response?.status()).toBe(200);
      expect(await page.locator('svg').count()).toBeGreaterThan(4);
      // Nothing is wider than the screen: no sideways scrolling on a phone.
      expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(
        0,
      );
      expect(faults.filter((fault) => !fault.includes('favicon'))).toEqual([]);
      await page.close();
    },
    60_000,
  );

  it('shows the API documentation', async () => {
    const page = await browser.newPage();
    const response = await page.goto(`${service.url}/docs`);
    expect(response?.status()).toBe(200);
    await page.waitForSelector('.opblock');
    expect(await page.locator('.opblock').count()).toBeGreaterThan(30);
    await page.close();
  }, 60_000);
});
