import { createPortal } from 'react-dom'

import { request } from './fetcher.js'
import icon from './icon.svg'
import { session, useSession } from './session.js'
import { forgetTabs } from './storage.js'
import { useViewer } from './viewer.js'
import { languages, wordsIn } from './words.js'

const signOutMutation = /* GraphQL */ `
  mutation PageSignOut {
    userSignOut(input: {}) {
      isSignedOut
    }
  }
`

/** The bar above GraphiQL: whose session it is, and in which language the API answers. */
export function Bar() {
  const { language } = useSession()
  const words = wordsIn(language)
  return createPortal(
    <>
      <a className="brand" href="/">
        <img src={icon} alt="" />
        <strong>Partner Hub</strong>
        <span>{words.tagline}</span>
      </a>
      <nav>
        <a href="/schema.graphql" target="_blank" title={words.schemaHint}>
          {words.schema}
        </a>
        <button type="button" title={words.examplesHint} onClick={restoreExamples}>
          {words.examples}
        </button>
        <a href="/" target="_blank" rel="opener" title={words.windowHint}>
          {words.window}
        </a>
      </nav>
      <Person words={words} />
      <Language words={words} chosen={language} />
    </>,
    document.getElementById('bar'),
  )
}

function Person({ words }) {
  const viewer = useViewer()
  if (viewer === undefined) return <div className="person">{words.asking}</div>
  if (viewer === null) return <div className="person nobody">{words.signedOut}</div>
  return (
    <div className="person" title={viewer.email}>
      <b>{viewer.name}</b>
      <span>{viewer.company ?? viewer.email}</span>
      <button type="button" onClick={signOut}>
        {words.signOut}
      </button>
    </div>
  )
}

function Language({ words, chosen }) {
  return (
    <div className="language" role="group" aria-label={words.language} title={words.language}>
      {languages.map((language) => (
        <button
          key={language}
          type="button"
          aria-pressed={language === chosen}
          onClick={() => session.set({ language })}
        >
          {language.toUpperCase()}
        </button>
      ))}
    </div>
  )
}

/** Ends the session on the server; the page forgets it even where that fails. */
async function signOut() {
  await request({ query: signOutMutation }).catch(() => null)
  session.signOut()
}

function restoreExamples() {
  forgetTabs()
  location.reload()
}
