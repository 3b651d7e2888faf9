// What the page remembers of the person in this browser tab: the token of the
// session, the language of answers, and ids that fill the blanks of variables.
// sessionStorage forgets it with the tab.

import { useSyncExternalStore } from 'react'

const key = 'partnerhub:session'
const listeners = new Set()

let state = {
  token: null,
  language: navigator.language.startsWith('pl') ? 'pl' : 'en',
  ids: {}, // by name of the variable, for example companyId
  filledIn: [], // ids that the page wrote into variables, and may replace
  ...JSON.parse(sessionStorage.getItem(key) ?? '{}'),
}

export const session = {
  get: () => state,

  set(change) {
    state = { ...state, ...change }
    sessionStorage.setItem(key, JSON.stringify(state))
    listeners.forEach((tell) => tell())
  },

  signOut: () => session.set({ token: null }),

  subscribe(tell) {
    listeners.add(tell)
    return () => listeners.delete(tell)
  },
}

export const useSession = () => useSyncExternalStore(session.subscribe, session.get)
