import { pick, useGraphiQL } from '@graphiql/react'
import { useEffect } from 'react'

import { session, useSession } from './session.js'

/**
 * Keeps the editors right: they show the tab that is open after loading, and
 * the blanks of its variables are filled once somebody is signed in.
 */
export function KeepTabs() {
  const { tabs, activeTabIndex, queryEditor, variableEditor, responseEditor } = useGraphiQL(
    pick('tabs', 'activeTabIndex', 'queryEditor', 'variableEditor', 'responseEditor'),
  )
  const { ids } = useSession()

  useEffect(() => {
    for (const editor of [queryEditor, variableEditor, responseEditor]) {
      editor?.updateOptions({ fontSize: 14, wordWrap: 'on' })
    }
  }, [queryEditor, variableEditor, responseEditor])

  // GraphiQL opens its editors with the query of the first tab at most.
  useEffect(() => {
    if (!queryEditor || !variableEditor) return
    const { query, variables } = tabs[activeTabIndex]
    show(queryEditor, query)
    show(variableEditor, variables)
  }, [queryEditor, variableEditor])

  useEffect(() => {
    if (variableEditor) show(variableEditor, filled(variableEditor.getValue(), ids))
  }, [activeTabIndex, ids, variableEditor])

  return null
}

function show(editor, text) {
  if (editor.getValue() !== (text ?? '')) editor.setValue(text ?? '')
}

/**
 * Answers variables with ids in place of blank values ("" or null) of members
 * with their names, and of those filled in before for somebody else. Comments
 * stay as they are.
 */
function filled(text, ids) {
  return text.replace(/"(\w+)"(\s*:\s*)(?:null|"([^"\\]*)")/g, (member, name, colon, value) => {
    const { filledIn } = session.get()
    const id = ids[name]
    if (!id || (value && !filledIn.includes(value))) return member
    if (!filledIn.includes(id)) session.set({ filledIn: [...filledIn, id] })
    return `"${name}"${colon}"${id}"`
  })
}
