// Carries GraphiQL's operations to /graphql of the same origin: queries and
// mutations over HTTP, subscriptions over a WebSocket (graphql-transport-ws).

import { Kind, parse } from 'graphql'
import { createClient } from 'graphql-ws'

import { session } from './session.js'

const endpoint = new URL('/graphql', location.href)
const shownEvents = 100

/** The fetcher of GraphiQL: a promise of an answer, or an observable of a stream. */
export function fetcher(params, { headers = {} } = {}) {
  const sent = withSession(headers)
  const operation = chosen(params)
  // Right after a change of tabs GraphiQL still names the other tab's operation.
  const named = operation ? { ...params, operationName: operation.name?.value } : params
  return operation?.operation === 'subscription' ? stream(named, sent) : request(named, sent)
}

/** Sends one query or mutation and answers its result, errors included. */
export async function request(params, headers = withSession({})) {
  if (!headers.has('Accept')) headers.set('Accept', 'application/graphql-response+json, application/json;q=0.9')
  headers.set('Content-Type', 'application/json')
  const response = await fetch(endpoint, { method: 'POST', headers, body: JSON.stringify(params) })
  const result = await read(response)
  notice(result, headers)
  return result
}

async function read(response) {
  const text = await response.text()
  try {
    return JSON.parse(text)
  } catch {
    const status = `${response.status} ${response.statusText}`.trim()
    return { errors: [{ message: `The server answered ${status}, and no GraphQL.` }] }
  }
}

/**
 * Watches a subscription. GraphiQL shows the latest result only, but a stream
 * starts with one SNAPSHOT event per thing: so its events are shown together.
 */
function stream(params, headers) {
  return {
    subscribe(observer) {
      const client = createClient({
        url: Object.assign(new URL(endpoint), { protocol: endpoint.protocol.replace('http', 'ws') }).href,
        connectionParams: connectionParams(headers),
        // A refused token stays refused; after anything else that may pass,
        // such as a restart of the server, the stream goes on by itself.
        shouldRetry: (cause) => cause instanceof CloseEvent && cause.code !== 4403,
      })
      let received = 0
      let newestFirst = []
      const stop = client.subscribe(params, {
        next(result) {
          received += 1
          newestFirst = [result, ...newestFirst].slice(0, shownEvents)
          observer.next({ received, newestFirst })
        },
        error: (cause) => observer.error(cause instanceof CloseEvent ? closing(cause) : cause),
        complete: () => observer.complete(),
      })
      return {
        unsubscribe() {
          stop()
          client.dispose()
        },
      }
    },
  }
}

const closing = ({ code, reason }) => ({
  message: `The server closed the stream with ${code}${reason && `: ${reason}`}.`,
  extensions: { closeCode: code },
})

/** The remembered session and language, unless the tab's own headers say otherwise. */
function withSession(own) {
  const { token, language } = session.get()
  const headers = new Headers({ 'Accept-Language': language })
  if (token) headers.set('Authorization', `Bearer ${token}`)
  for (const [name, value] of Object.entries(own)) {
    if (value) headers.set(name, value)
    else headers.delete(name)
  }
  return headers
}

/** A browser cannot set headers of a WebSocket: they travel in its first message. */
function connectionParams(headers) {
  const params = { Authorization: headers.get('Authorization'), language: headers.get('Accept-Language') }
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value))
}

/** Learns from an answer who is signed in: a new session, its end, or that it is over. */
function notice(result, headers) {
  for (const payload of Object.values(result.data ?? {})) {
    if (typeof payload?.sessionToken === 'string') session.set({ token: payload.sessionToken })
    if (payload?.isSignedOut === true) session.signOut()
  }
  const { token } = session.get()
  const refused = result.errors?.some((error) => error.extensions?.code === 'UNAUTHENTICATED')
  if (refused && token && headers.get('Authorization') === `Bearer ${token}`) session.signOut()
}

/** The operation of a document that is to run; none where the server has to say what is wrong. */
function chosen({ query, operationName }) {
  try {
    const all = parse(query).definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION)
    return all.length === 1 ? all[0] : all.find(({ name }) => name?.value === operationName)
  } catch {
    return undefined
  }
}
