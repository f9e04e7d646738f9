import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { startTestApp, type TestApp } from '../support/app.js';
import { gql } from '../support/typed-document.js';

const EXECUTABLE = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1', // no network but this machine
];

const inChromium = EXECUTABLE ? describe : describe.skip;

inChromium(`GraphiQL in a browser (${EXECUTABLE ?? 'skipped: there is no Chromium on this machine'})`, () => {
  let app: TestApp;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let elsewhere: string[];
  let complaints: string[];

  beforeAll(async () => {
    await promisify(execFile)(process.execPath, ['scripts/build-graphiql.js']);
    app = await startTestApp();
    await app.sync(['projects', 'droplets', 'domains']);
    browser = await chromium.launch({ executablePath: EXECUTABLE as string, args: FLAGS });
  });

  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  const openPage = async (fragment: string) => {
    await context?.close();
    context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    elsewhere = [];
    complaints = [];
    context.on('request', (request) => {
      if (!request.url().startsWith(app.url) && !request.url().startsWith('data:')) elsewhere.push(request.url());
    });
    page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (/Content Security Policy|Refused to/.test(message.text())) complaints.push(message.text());
    });
    await page.goto(`${app.url}/graphql${fragment}`);
  };

  const openTab = (name: string) => page.getByRole('tab', { name, exact: true }).click();
  const run = () => page.getByRole('button', { name: /^Execute query/ }).click();
  const identity = () => page.locator('.identity').textContent();
  /** Resolves once the response pane shows all of them, each within one line. */
  const responseShows = (...texts: string[]) =>
    texts.reduce((pane, text) => pane.filter({ hasText: text }), page.locator('.graphiql-response')).waitFor();

  it('opens with the token of the link, runs a query, and reaches no other host', async () => {
    await openPage(`#token=${app.operator}`);
    await page.locator('.identity.accepted').waitFor();
    expect(await identity()).toBe('somebody@platform-admin of platform-admin operator');
    expect([page.url(), await page.title()]).toEqual([`${app.url}/graphql`, 'arcadia-cloud']);

    const { resources } = await app.data(gql('{ resources { totalCount } }'));
    expect(resources.totalCount).toBeGreaterThan(0);
    await run();
    await responseShows('"data": {', `"totalCount": ${resources.totalCount},`);
    expect([elsewhere, complaints]).toEqual([[], []]);
  });

  it('offers the operations that this server has', async () => {
    await openPage(`#token=${app.operator}`);
    await page.locator('.identity.accepted').waitFor();
    const tabs = await page.getByRole('tab').allInnerTexts();
    expect(tabs.slice(0, 4)).toEqual(['Inventory', 'WatchSyncs', 'StartSync', 'SyncRuns']);
  });

  it('shows a sync live, and says when it is stopped', async () => {
    await openPage(`#token=${app.operator}`);
    await page.locator('.identity.accepted').waitFor();
    await openTab('WatchSyncs');
    await run();
    await responseShows('"stream": "live, waiting for the first event"');
    let seen = false;
    const shown = responseShows('"stream": "live, ', '"type": "RUN_COMPLETED"', '"scope": "DOMAINS"').then(() => {
      seen = true;
    });
    while (!seen) await Promise.race([shown, app.sync(['domains'])]); // the stream is live alone: the first may be too early
    await page.getByRole('button', { name: /^Stop query/ }).click();
    await responseShows('"stream": "stopped by you');
    expect([elsewhere, complaints]).toEqual([[], []]);
  });

  it('lets a tenant in as that tenant', async () => {
    await openPage('');
    await page
      .getByLabel('Token')
      .last()
      .fill(`Bearer ${app.tenant('acme')}`);
    await page.getByRole('button', { name: 'Use this token' }).click();
    await page.locator('.identity.accepted').waitFor();
    expect(await identity()).toBe('somebody@acme of acme tenant');
  });

  it('says what is wrong with a token, on either transport', async () => {
    await openPage(`#token=${app.operator}`);
    await page.locator('.identity.accepted').waitFor();
    await page.locator('#token').fill('forged');
    await page.getByRole('button', { name: 'Use', exact: true }).click();
    await page.locator('.identity.refused').waitFor();
    await run();
    await responseShows('"code": "UNAUTHENTICATED"');
    await openTab('WatchSyncs');
    await run();
    await responseShows('"stream": "ended: 4401');
  });

  it('takes the token of the Headers tab for HTTP and for the socket', async () => {
    await openPage('');
    await page.getByRole('button', { name: /^Go on without/ }).click();
    const enterHeader = async () => {
      await page.getByRole('button', { name: 'Headers', exact: true }).click();
      await page.locator('.graphiql-editor-tool .graphiql-editor:not(.hidden)').last().click();
      await page.keyboard.insertText(JSON.stringify({ Authorization: `Bearer ${app.operator}` }));
    };
    await enterHeader();
    await run();
    await responseShows('"data": {', '"totalCount":');
    await openTab('WatchSyncs');
    await enterHeader();
    await run();
    await responseShows('"stream": "live, waiting for the first event"');
    const shown = responseShows('"type": "RUN_COMPLETED"').then(() => 'shown');
    while ((await Promise.race([shown, app.sync(['domains'])])) !== 'shown');
  });
});
