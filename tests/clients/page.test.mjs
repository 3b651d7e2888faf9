// The page at `/` in a real Chromium, against a running server.
//
//	npm ci
//	BASE_URL=http://127.0.0.1:8080 EMAIL=… PASSWORD=… npm test
//
// EMAIL and PASSWORD are of somebody who may activate services, in a company
// that has a hub with the tile ACTIVATION_REQUIRED: the demo cast has them.
// The browser is CHROMIUM, or Debian's.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { chromium } from 'playwright-core'

const { BASE_URL, EMAIL, PASSWORD, CHROMIUM = '/usr/bin/chromium' } = process.env
assert(BASE_URL && EMAIL && PASSWORD, 'BASE_URL, EMAIL and PASSWORD must be set')

const base = new URL(BASE_URL)
const patience = 20_000 // ms until something that must appear is given up

let browser, page
const foreign = [] // addresses elsewhere that the page asked for
const complaints = [] // errors in the console, and those nobody caught

before(async () => {
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE ${base.hostname}`,
    ],
  })
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1440, height: 900 } })
  context.setDefaultTimeout(patience)
  const see = (url) => ['data:', 'blob:'].includes(url.protocol) || url.host === base.host || foreign.push(url.href)
  context.on('request', (request) => see(new URL(request.url())))
  context.on('page', (opened) => opened.on('websocket', (socket) => see(new URL(socket.url()))))
  context.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  context.on('weberror', (error) => complaints.push(String(error.error())))

  page = await context.newPage()
  await page.goto(base.href)
  await page.waitForSelector('.graphiql-query-editor .view-line')
})

after(async () => browser?.close())

/** What an editor of the page holds: Monaco draws the visible lines only. */
const contents = (file) =>
  page.evaluate(
    (end) => globalThis.__MONACO.editor.getModels().find((model) => model.uri.path.endsWith(end)).getValue(),
    file,
  )

/** Waits until the answer is JSON that holds what is looked for, and returns it. */
async function answer(holds) {
  const end = Date.now() + patience
  let text
  while (Date.now() < end) {
    text = await contents('response.json')
    const found = text && JSON.parse(text)
    if (found && holds(found)) return found
    await page.waitForTimeout(50)
  }
  assert.fail(`no such answer; the last one was: ${text}`)
}

/** Replaces what an editor holds, as if it had been typed. */
const write = (file, text) =>
  page.evaluate(
    ([end, value]) =>
      globalThis.__MONACO.editor.getModels().find((model) => model.uri.path.endsWith(end)).setValue(value),
    [file, text],
  )

const openTab = (title) => page.getByRole('tab', { name: title }).click()

/** Presses the play button of the tab's one operation; of several it runs the one named. */
async function run(operation) {
  const menu = operation ? '[aria-haspopup=menu]' : ':not([aria-haspopup=menu])'
  await page.locator(`.graphiql-execute-button${menu}`).click()
  if (operation) await page.getByRole('menuitem', { name: operation }).click()
}

/** Sends an operation past the page, as another program of the same person would. */
async function elsewhere(query, variables) {
  const { token } = await page.evaluate(() => JSON.parse(sessionStorage.getItem('partnerhub:session')))
  const response = await fetch(new URL('/graphql', base), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  })
  const { data, errors } = await response.json()
  assert.equal(errors, undefined, JSON.stringify(errors))
  return data
}

test('runs a query and shows its answer', async () => {
  await page.getByRole('button', { name: 'New tab' }).click()
  await write('operation.graphql', 'query Server { serverInfo { languages billingTimeZone } }')
  await run()
  const { data } = await answer((found) => found.data?.serverInfo)
  assert.deepEqual([...data.serverInfo.languages].sort(), ['en', 'pl'])
  await page.locator('.result-window').getByText('billingTimeZone').waitFor()
})

test('signs in, and tells who is signed in', async () => {
  await openTab('SignIn')
  await write('variables.json', JSON.stringify({ email: EMAIL, password: PASSWORD }))
  await run()
  const { data } = await answer((found) => found.data?.userSignIn)
  assert.deepEqual(data.userSignIn.userErrors, [])
  await page.locator('#bar .person').getByText(data.userSignIn.viewer.name).waitFor()
})

test('sends the session with every tab', async () => {
  await openTab('CompaniesObjectsTiles')
  await run()
  const { data } = await answer((found) => found.data?.viewer)
  assert(data.viewer.employments.nodes.length > 0)
})

test('watches tiles: what is, then what changes', async () => {
  await openTab('WatchTiles')
  await run()
  const first = await answer((found) => found.newestFirst?.[0].data?.hubTileChanged.isCaughtUp)
  for (const { data } of first.newestFirst) assert.equal(data.hubTileChanged.kind, 'SNAPSHOT')
  const waiting = first.newestFirst
    .map(({ data }) => data.hubTileChanged.hub)
    .filter((hub) => hub?.tile.kind === 'ACTIVATION_REQUIRED')
  assert(waiting.length > 0, 'no hub waits for its activation')

  const { id } = waiting[0]
  const { hub } = await elsewhere(
    `query ($id: ID!) { hub(id: $id) { activationOptions { packages { id } connections { id } } } }`,
    { id },
  )
  const { packages, connections } = hub.activationOptions
  const { serviceActivate } = await elsewhere(
    `mutation ($input: ServiceActivateInput!) { serviceActivate(input: $input) { userErrors { code message } } }`,
    { input: { hubId: id, packageId: packages[0]?.id, connectionId: connections[0]?.id } },
  )
  assert.deepEqual(serviceActivate.userErrors, [])

  const { newestFirst } = await answer((found) => found.newestFirst?.[0].data?.hubTileChanged.kind === 'CHANGE')
  const change = newestFirst[0].data.hubTileChanged
  assert.equal(change.hub.id, id)
  assert.equal(change.previousTile, 'ACTIVATION_REQUIRED')
  assert.equal(change.hub.tile.kind, 'ACTIVATED')
  assert(change.hub.statusIcons.includes('STAR'))
  await page.locator('.result-window').getByText('"CHANGE"').first().waitFor()
})

test('fills in the ids of the activation, which then goes through', async () => {
  await openTab('ActivateServices')
  assert.match(await contents('variables.json'), /"hubId": "\w+"/)
  await page.reload() // the first id may be of the hub activated above
  await page.waitForSelector('.graphiql-query-editor .view-line')
  await page.locator('#bar .person b').waitFor()
  await openTab('ActivateServices')
  await run('ActivationOptions')
  const { data } = await answer((found) => found.data?.hub)
  assert.equal(data.hub.tile.kind, 'ACTIVATION_REQUIRED')
})

test('opens a second window with the same session', async () => {
  const opened = page.waitForEvent('popup')
  await page.getByRole('link', { name: 'New window' }).click()
  const second = await opened
  const name = await page.locator('#bar .person b').textContent()
  await second.locator('#bar .person b').getByText(name).waitFor()
  await second.close()
})

test('answers in the chosen language', async () => {
  await page.getByRole('button', { name: 'PL', exact: true }).click()
  await openTab('CompaniesObjectsTiles')
  await run()
  const activated = ({ data }) => JSON.stringify(data?.viewer ?? '').includes('"label":"Aktywowane"')
  await answer(activated)
  await page.getByRole('button', { name: 'Wyloguj' }).waitFor()
  await page.getByRole('button', { name: 'EN', exact: true }).click()
})

test('marks what the schema does not have', async () => {
  await openTab('Server')
  await write('operation.graphql', 'query Server { serverInfo { weather } }')
  await page.waitForFunction(() =>
    globalThis.__MONACO.editor.getModelMarkers({}).some(({ message }) => message.includes('Cannot query field "weather"')),
  )
})

test('prettifies with what it has on board', async () => {
  await openTab('Server')
  await page.getByRole('button', { name: /Prettify/ }).click()
  await page.waitForFunction(() =>
    globalThis.__MONACO.editor.getModels().some((model) => model.getValue().startsWith('query Server {\n  serverInfo {\n')),
  )
})

test('signs out', async () => {
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.locator('#bar .nobody').waitFor()
  await openTab('CompaniesObjectsTiles')
  await run()
  await answer((found) => found.data?.viewer === null || found.errors?.[0].extensions?.code === 'UNAUTHENTICATED')
})

test('restores its examples', async () => {
  const tabs = page.locator('[role=tab] button[title]')
  await page.getByRole('button', { name: 'Restore examples' }).click()
  await page.getByRole('tab', { name: 'Server' }).waitFor({ state: 'detached' })
  await tabs.first().waitFor()
  const titles = ['SignIn', 'CompaniesObjectsTiles', 'WatchTiles', 'ActivateServices', 'Connections', 'Dashboard']
  assert.deepEqual(await tabs.evaluateAll((all) => all.map((tab) => tab.title)), titles)
  await page.waitForSelector('.graphiql-query-editor .view-line')
})

test('asks no other host, and leaves no error behind', () => {
  assert.deepEqual(foreign, [])
  assert.deepEqual(complaints, [])
})
