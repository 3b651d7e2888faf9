// The npm client graphql-ws runs a query, a mutation and every subscription
// against a running server, which api.mjs tells of.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { createClient } from 'graphql-ws'
import WebSocket from 'ws'

import { BASE_URL, EMAIL, caughtUp, changes, companyOf, follow, next, post, run, signIn } from './api.mjs'

let token, companyId, client

const connect = (authorization, extra = {}) =>
  createClient({
    url: `${BASE_URL.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { Authorization: authorization, language: 'pl' },
    retryAttempts: 0,
    ...extra,
  })

before(async () => {
  token = await signIn()
  companyId = await companyOf(token)
  client = connect(`Bearer ${token}`)
})

after(() => client?.dispose())

test('a query', async () => {
  const { viewer } = await next(run(client, '{ viewer { email } }'))
  assert.equal(viewer.email, EMAIL)
})

test('a mutation', async () => {
  const { userUpdate } = await next(
    run(client, `mutation { userUpdate(input: { language: "en" }) { user { language } userErrors { code } } }`),
  )
  assert.deepEqual(userUpdate, { user: { language: 'en' }, userErrors: [] })
})

test('hubTileChanged: the present state, then a change', async () => {
  const tiles = follow(client, companyId)
  await changes(tiles, await caughtUp(tiles), token)
  await tiles.return()
})

test('connectionChanged: the present state', async () => {
  const links = run(
    client,
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
    own,
    `subscription($id: ID!) { balanceChanged(companyId: $id) {
      kind isCaughtUp transaction { id } overview { balance { minorUnits currency } activeAccountCount } } }`,
    { id },
  )
  const history = run(
    own,
    `subscription($id: ID!) { transactionAdded(companyId: $id) {
      kind isCaughtUp transaction { id type amount { formatted } balanceAfter { minorUnits } } } }`,
    { id },
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
