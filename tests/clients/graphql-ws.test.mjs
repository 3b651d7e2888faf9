// The npm client graphql-ws runs a query, a mutation and every subscription
// against a running server with the demo cast (-demo) at BASE_URL. EMAIL and
// PASSWORD are of somebody who may activate services there; the others of the
// cast have the same password.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { createClient } from 'graphql-ws'
import WebSocket from 'ws'

const { BASE_URL, EMAIL, PASSWORD } = process.env
assert(BASE_URL && EMAIL && PASSWORD, 'BASE_URL, EMAIL and PASSWORD must be set')

const patience = 10_000 // ms until something that must happen is given up
let token, companyId, client

const post = async (query, variables, bearer = token) => {
  const response = await fetch(`${BASE_URL}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(bearer && { authorization: `Bearer ${bearer}` }) },
    body: JSON.stringify({ query, variables }),
  })
  const { data, errors } = await response.json()
  assert.equal(errors, undefined)
  return data
}

const connect = (authorization, extra = {}) =>
  createClient({
    url: `${BASE_URL.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { Authorization: authorization, language: 'pl' },
    retryAttempts: 0,
    ...extra,
  })

/** The results of an operation, one after another. */
const run = (query, variables, by = client) => by.iterate({ query, variables })[Symbol.asyncIterator]()

const next = async (results) => {
  const timer = AbortSignal.timeout(patience)
  const { value, done } = await Promise.race([
    results.next(),
    new Promise((_, fail) => timer.addEventListener('abort', () => fail(new Error('nothing came')))),
  ])
  assert(!done, 'the stream has ended')
  assert.equal(value.errors, undefined)
  return value.data
}

/** The token of a new session. */
const signIn = async (email) => {
  const { userSignIn } = await post(
    `mutation($input: UserSignInInput!) { userSignIn(input: $input) { sessionToken userErrors { message } } }`,
    { input: { email, password: PASSWORD, deviceName: 'graphql-ws' } },
    null,
  )
  return userSignIn.sessionToken
}

/** The company that a person works for. */
const companyOf = async (bearer) => {
  const { viewer } = await post(`{ viewer { employments(first: 1) { nodes { company { id } } } } }`, {}, bearer)
  return viewer.employments.nodes[0].company.id
}

before(async () => {
  token = await signIn(EMAIL)
  companyId = await companyOf(token)
  client = connect(`Bearer ${token}`)
})

after(() => client?.dispose())

test('a query', async () => {
  const { viewer } = await next(run('{ viewer { email } }'))
  assert.equal(viewer.email, EMAIL)
})

test('a mutation', async () => {
  const { userUpdate } = await next(
    run(`mutation { userUpdate(input: { language: "en" }) { user { language } userErrors { code } } }`),
  )
  assert.deepEqual(userUpdate, { user: { language: 'en' }, userErrors: [] })
})

test('hubTileChanged: the present state, then a change', async () => {
  const tiles = run(
    `subscription($id: ID!) { hubTileChanged(scope: { companyId: $id }) {
      kind isCaughtUp hubId action previousTile hub { tile { kind label } } } }`,
    { id: companyId },
  )
  let event
  const free = []
  do {
    event = (await next(tiles)).hubTileChanged
    assert.equal(event.kind, 'SNAPSHOT')
    if (event.hub.tile.kind === 'ACTIVATED') free.push(event.hubId)
  } while (!event.isCaughtUp)
  const hubId = free[0]
  assert(hubId, 'no hub with services')
  await post(`mutation($id: ID!) { serviceDeactivate(input: { hubId: $id }) { userErrors { message } } }`, { id: hubId })
  event = (await next(tiles)).hubTileChanged
  assert.deepEqual(event, {
    kind: 'CHANGE', isCaughtUp: true, hubId, action: 'DEACTIVATE', previousTile: 'ACTIVATED',
    hub: { tile: { kind: 'EXPIRES_SOON', label: 'Wygasa wkrótce' } },
  })
  await post(`mutation($id: ID!) { serviceResume(input: { hubId: $id }) { userErrors { message } } }`, { id: hubId })
  event = (await next(tiles)).hubTileChanged
  assert.equal(event.hub.tile.kind, 'ACTIVATED')
  await tiles.return()
})

test('connectionChanged: the present state', async () => {
  const links = run(
    `subscription($id: ID!) { connectionChanged(companyId: $id) { kind isCaughtUp connection { status reseller { name } } } }`,
    { id: companyId },
  )
  let event
  do {
    event = (await next(links)).connectionChanged
    assert.equal(event.kind, 'SNAPSHOT')
    assert(event.connection.status)
  } while (!event.isCaughtUp)
  await links.return()
})

test('balanceChanged and transactionAdded: a payment comes at once', async () => {
  const reseller = await signIn('carol@centralstation.example')
  const operator = await signIn('operator@platform.example')
  const id = await companyOf(reseller)
  const own = connect(`Bearer ${reseller}`)
  const figures = run(
    `subscription($id: ID!) { balanceChanged(companyId: $id) {
      kind isCaughtUp transaction { id } overview { balance { minorUnits currency } activeAccountCount } } }`,
    { id }, own,
  )
  const history = run(
    `subscription($id: ID!) { transactionAdded(companyId: $id) {
      kind isCaughtUp transaction { id type amount { formatted } balanceAfter { minorUnits } } } }`,
    { id }, own,
  )
  const before = (await next(figures)).balanceChanged
  assert.equal(before.kind, 'SNAPSHOT')
  assert.equal((await next(history)).transactionAdded.kind, 'SNAPSHOT')
  const { currency, minorUnits } = before.overview.balance
  const { balanceReplenish } = await post(
    `mutation($input: BalanceReplenishInput!) { balanceReplenish(input: $input) { transaction { id } userErrors { message } } }`,
    { input: { resellerId: id, amount: { amount: '12.00', currency }, idempotencyKey: `${Date.now()}` } },
    operator,
  )
  const payment = balanceReplenish.transaction.id
  const after = (await next(figures)).balanceChanged
  assert.deepEqual(after, {
    kind: 'CHANGE', isCaughtUp: true, transaction: { id: payment },
    overview: { ...before.overview, balance: { minorUnits: minorUnits + 1200, currency } },
  })
  const added = (await next(history)).transactionAdded
  assert.equal(added.kind, 'CHANGE')
  assert.equal(added.transaction.id, payment)
  assert.equal(added.transaction.balanceAfter.minorUnits, minorUnits + 1200)
  await figures.return()
  await history.return()
  await own.dispose()
})

test('a refused token closes once, with 4403', async () => {
  const codes = []
  const stranger = connect('Bearer hubs_nonsense', {
    retryAttempts: 3,
    shouldRetry: (event) => event.code !== 4403,
    on: { closed: (event) => codes.push(event.code) },
  })
  await assert.rejects(stranger.iterate({ query: '{ viewer { id } }' }).next())
  assert.deepEqual(codes, [4403])
})
