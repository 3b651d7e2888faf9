// Where GraphiQL keeps its tabs, history and settings.
//
// Variables may hold a password, so everything but the colours ends with the
// browser tab. What the editors hold is kept once, with the tabs: GraphiQL's
// second copy of it would make it open one tab too many after a reload.

const prefix = 'graphiql:'
const lasting = prefix + 'theme'
const tabState = prefix + 'tabState'
const unwanted = new Set(['query', 'variables', 'headers'].map((name) => prefix + name))

const keys = () => Object.keys(sessionStorage).filter((key) => key.startsWith(prefix))
const place = (key) => (key === lasting ? localStorage : sessionStorage)

export const storage = {
  getItem: (key) => (unwanted.has(key) ? null : place(key).getItem(key)),
  setItem: (key, value) => unwanted.has(key) || place(key).setItem(key, value),
  removeItem: (key) => place(key).removeItem(key),
  clear: () => keys().forEach((key) => sessionStorage.removeItem(key)),
  get length() {
    return keys().length
  },
}

/** Forgets the tabs, for good until the next load, which then opens the examples. */
export function forgetTabs() {
  sessionStorage.removeItem(tabState)
  unwanted.add(tabState) // GraphiQL writes it half a second late
}
