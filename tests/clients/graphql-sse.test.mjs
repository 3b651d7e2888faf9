// The npm client graphql-sse runs a query, a mutation and subscriptions in the
// distinct connections mode against a running server, which api.mjs tells of.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { createClient } from 'graphql-sse'

import { BASE_URL, EMAIL, caughtUp, changes, companyOf, follow, next, post, run, signIn, within } from './api.mjs'

let token, companyId, client

const connect = (bearer, extra = {}) =>
  createClient({
    url: `${BASE_URL}/graphql`,
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json', 'accept-language': 'pl' },
    retryAttempts: 0,
    ...extra,
  })

before(async () => {
  token = await signIn()
  companyId = await companyOf(token)
  client = connect(token)
})

after(() => client?.dispose())

test('a query', async () => {
  const results = run(client, '{ viewer { email } }')
  assert.equal((await next(results)).viewer.email, EMAIL)
  assert((await within(results.next())).done)
})

test('a mutation', async () => {
  const { userUpdate } = await next(
    run(client, `mutation { userUpdate(input: { language: "en" }) { user { language } userErrors { code } } }`),
  )
  assert.deepEqual(userUpdate, { user: { language: 'en' }, userErrors: [] })
})

test('what is wrong with a document comes as a result', async () => {
  const { value } = await within(run(client, '{ nothing }').next())
  assert.equal(value.errors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED')
})

test('hubTileChanged: the present state, then a change', async () => {
  const tiles = follow(client, companyId)
  await changes(tiles, await caughtUp(tiles), token)
  await tiles.return()
})

test('a connection that breaks is opened again', async () => {
  let connections = 0
  const breaking = new AbortController()
  const own = connect(token, {
    retryAttempts: 3,
    retry: async () => {},
    fetchFn: async (url, init) => {
      connections += 1
      // The first answer breaks off, as when the network does.
      const answer = await fetch(url, connections === 1 ? { ...init, signal: AbortSignal.any([init.signal, breaking.signal]) } : init)
      return answer
    },
  })
  const tiles = follow(own, companyId)
  await caughtUp(tiles)
  breaking.abort(new Error('the cable was pulled'))
  await caughtUp(tiles) // the present state again
  assert.equal(connections, 2)
  await tiles.return()
  own.dispose()
})

test('a refused token is answered with 401', async () => {
  const statuses = []
  const stranger = connect('hubs_nonsense', {
    fetchFn: async (...request) => {
      const answer = await fetch(...request)
      statuses.push(answer.status)
      return answer
    },
  })
  await assert.rejects(within(follow(stranger, companyId).next()))
  assert.deepEqual(statuses, [401])
  stranger.dispose()
})

test('a token that is revoked ends its streams, which say why', async () => {
  const other = await signIn()
  const own = connect(other)
  const tiles = follow(own, companyId)
  await caughtUp(tiles)
  await post('mutation { userSignOut(input: {}) { userErrors { code } } }', {}, other)
  const { value } = await within(tiles.next())
  assert.equal(value.errors[0].extensions.code, 'UNAUTHENTICATED')
  assert((await within(tiles.next())).done)
  own.dispose()
})
