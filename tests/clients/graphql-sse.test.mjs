// The npm client graphql-sse runs a query, a mutation and subscriptions in the
// distinct connections mode against a running server with the demo cast
// (-demo) at BASE_URL. EMAIL and PASSWORD are of somebody who may activate
// services there.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { createClient } from 'graphql-sse'

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

const connect = (bearer, extra = {}) =>
  createClient({
    url: `${BASE_URL}/graphql`,
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json', 'accept-language': 'pl' },
    retryAttempts: 0,
    ...extra,
  })

/** The results of an operation, one after another. */
const run = (query, variables, by = client) => by.iterate({ query, variables })[Symbol.asyncIterator]()

const within = (promise) => {
  const timer = AbortSignal.timeout(patience)
  return Promise.race([
    promise,
    new Promise((_, fail) => timer.addEventListener('abort', () => fail(new Error('nothing came')))),
  ])
}

const next = async (results) => {
  const { value, done } = await within(results.next())
  assert(!done, 'the stream has ended')
  assert.equal(value.errors, undefined)
  return value.data
}

const signIn = async () => {
  const { userSignIn } = await post(
    `mutation($input: UserSignInInput!) { userSignIn(input: $input) { sessionToken userErrors { message } } }`,
    { input: { email: EMAIL, password: PASSWORD, deviceName: 'graphql-sse' } },
    null,
  )
  return userSignIn.sessionToken
}

const tilesDocument = `subscription($id: ID!) { hubTileChanged(scope: { companyId: $id }) {
  kind isCaughtUp hubId action previousTile hub { tile { kind label } } } }`

/** The last event of the present state, and a hub with services. */
const caughtUp = async (tiles) => {
  let event
  const free = []
  do {
    event = (await next(tiles)).hubTileChanged
    assert.equal(event.kind, 'SNAPSHOT')
    if (event.hub.tile.kind === 'ACTIVATED') free.push(event.hubId)
  } while (!event.isCaughtUp)
  assert(free[0], 'no hub with services')
  return free[0]
}

before(async () => {
  token = await signIn()
  const { viewer } = await post(`{ viewer { employments(first: 1) { nodes { company { id } } } } }`)
  companyId = viewer.employments.nodes[0].company.id
  client = connect(token)
})

after(() => client?.dispose())

test('a query', async () => {
  const results = run('{ viewer { email } }')
  assert.equal((await next(results)).viewer.email, EMAIL)
  assert((await within(results.next())).done)
})

test('a mutation', async () => {
  const { userUpdate } = await next(
    run(`mutation { userUpdate(input: { language: "en" }) { user { language } userErrors { code } } }`),
  )
  assert.deepEqual(userUpdate, { user: { language: 'en' }, userErrors: [] })
})

test('what is wrong with a document comes as a result', async () => {
  const { value } = await within(run('{ nothing }').next())
  assert.equal(value.errors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED')
})

test('hubTileChanged: the present state, then a change', async () => {
  const tiles = run(tilesDocument, { id: companyId })
  const hubId = await caughtUp(tiles)
  await post(`mutation($id: ID!) { serviceDeactivate(input: { hubId: $id }) { userErrors { message } } }`, { id: hubId })
  assert.deepEqual((await next(tiles)).hubTileChanged, {
    kind: 'CHANGE', isCaughtUp: true, hubId, action: 'DEACTIVATE', previousTile: 'ACTIVATED',
    hub: { tile: { kind: 'EXPIRES_SOON', label: 'Wygasa wkrótce' } },
  })
  await post(`mutation($id: ID!) { serviceResume(input: { hubId: $id }) { userErrors { message } } }`, { id: hubId })
  assert.equal((await next(tiles)).hubTileChanged.hub.tile.kind, 'ACTIVATED')
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
  const tiles = run(tilesDocument, { id: companyId }, own)
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
  await assert.rejects(within(run(tilesDocument, { id: companyId }, stranger).next()))
  assert.deepEqual(statuses, [401])
  stranger.dispose()
})

test('a token that is revoked ends its streams, which say why', async () => {
  const other = await signIn()
  const own = connect(other)
  const tiles = run(tilesDocument, { id: companyId }, own)
  await caughtUp(tiles)
  await post('mutation { userSignOut(input: {}) { userErrors { code } } }', {}, other)
  const { value } = await within(tiles.next())
  assert.equal(value.errors[0].extensions.code, 'UNAUTHENTICATED')
  assert((await within(tiles.next())).done)
  own.dispose()
})
