// Every audit of graphql-http, the suite of the GraphQL over HTTP
// specification, against a running server at BASE_URL.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { serverAudits } from 'graphql-http'

const { BASE_URL } = process.env
assert(BASE_URL, 'BASE_URL must be set')

for (const audit of serverAudits({ url: `${BASE_URL}/graphql` })) {
  test(`${audit.id} ${audit.name}`, async () => {
    const result = await audit.fn()
    assert.equal(result.status, 'ok', result.reason)
  })
}
