// What the suites of the npm clients share: requests beside the client that is
// tried, and ways to read what it gives. The server is at BASE_URL and has the
// demo cast (-demo). EMAIL and PASSWORD are of somebody who may activate
// services there; the others of the cast have the same password.

import assert from 'node:assert/strict'

export const { BASE_URL, EMAIL } = process.env
const { PASSWORD } = process.env
assert(BASE_URL && EMAIL && PASSWORD, 'BASE_URL, EMAIL and PASSWORD must be set')

const patience = 10_000 // ms until something that must happen is given up

/** The data that a POST is answered with. */
export const post = async (query, variables, token) => {
  const response = await fetch(`${BASE_URL}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  })
  const { data, errors } = await response.json()
  assert.equal(errors, undefined)
  return data
}

/** The token of a new session. */
export const signIn = async (email = EMAIL) => {
  const { userSignIn } = await post(
    `mutation($input: UserSignInInput!) { userSignIn(input: $input) { sessionToken userErrors { message } } }`,
    { input: { email, password: PASSWORD, deviceName: 'npm client' } },
  )
  return userSignIn.sessionToken
}

/** The company that a person works for. */
export const companyOf = async (token) => {
  const { viewer } = await post(`{ viewer { employments(first: 1) { nodes { company { id } } } } }`, {}, token)
  return viewer.employments.nodes[0].company.id
}

/** The results of an operation, one after another. */
export const run = (client, query, variables) => client.iterate({ query, variables })[Symbol.asyncIterator]()

/** What comes of a promise, which has to come in time. */
export const within = (promise) => {
  const timer = AbortSignal.timeout(patience)
  return Promise.race([
    promise,
    new Promise((_, fail) => timer.addEventListener('abort', () => fail(new Error('nothing came')))),
  ])
}

/** The data of the next result. */
export const next = async (results) => {
  const { value, done } = await within(results.next())
  assert(!done, 'the stream has ended')
  assert.equal(value.errors, undefined)
  return value.data
}

/** The tiles of a company, as a stream. */
export const follow = (client, companyId) =>
  run(
    client,
    `subscription($id: ID!) { hubTileChanged(scope: { companyId: $id }) {
      kind isCaughtUp hubId action previousTile hub { tile { kind label } } } }`,
    { id: companyId },
  )

/** Reads the present state of tiles to its end, and returns a hub with services. */
export const caughtUp = async (tiles) => {
  let event, hubId
  do {
    event = (await next(tiles)).hubTileChanged
    assert.equal(event.kind, 'SNAPSHOT')
    if (event.hub.tile.kind === 'ACTIVATED') hubId ??= event.hubId
  } while (!event.isCaughtUp)
  assert(hubId, 'no hub with services')
  return hubId
}

/** Has the tile of a hub change twice, and checks that a client that speaks Polish is told so. */
export const changes = async (tiles, hubId, token) => {
  await post(`mutation($id: ID!) { serviceDeactivate(input: { hubId: $id }) { userErrors { message } } }`, { id: hubId }, token)
  assert.deepEqual((await next(tiles)).hubTileChanged, {
    kind: 'CHANGE', isCaughtUp: true, hubId, action: 'DEACTIVATE', previousTile: 'ACTIVATED',
    hub: { tile: { kind: 'EXPIRES_SOON', label: 'Wygasa wkrótce' } },
  })
  await post(`mutation($id: ID!) { serviceResume(input: { hubId: $id }) { userErrors { message } } }`, { id: hubId }, token)
  assert.equal((await next(tiles)).hubTileChanged.hub.tile.kind, 'ACTIVATED')
}
