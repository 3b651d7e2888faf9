import { useGraphiQL, useMonaco } from '@graphiql/react'
import { useEffect } from 'react'

/** Names of the editor's colours by GraphiQL's theme. */
export const editorTheme = { light: 'hub-light', dark: 'hub-dark' }

const colours = (brand, paper) => ({
  'editor.background': '#ffffff00', // the page's own shows through
  'scrollbar.shadow': '#ffffff00',
  'editorHoverWidget.background': paper,
  'editorSuggestWidget.background': paper,
  'editorSuggestWidget.selectedBackground': `${brand}26`,
  'editorSuggestWidget.highlightForeground': brand,
  'editorSuggestWidget.focusHighlightForeground': brand,
  'editorWidget.background': paper,
  'menu.background': paper,
  'menu.selectionBackground': `${brand}26`,
  'menu.selectionForeground': brand,
  'quickInput.background': paper,
  'textLink.foreground': brand,
  'textLink.activeForeground': brand,
  focusBorder: brand,
})

const theme = (base, brand, paper, variable) => ({
  base,
  inherit: true,
  rules: [{ token: 'argument.identifier.gql', foreground: variable }],
  colors: colours(brand, paper),
})

const themes = {
  'hub-light': theme('vs', '#0f766e', '#ffffff', '#6d4bb8'),
  'hub-dark': theme('vs-dark', '#2dd4bf', '#212a3b', '#b9a5f5'),
}

/** Gives the editor the colours of the page, as soon as it is loaded. */
export function Colours() {
  const monaco = useMonaco((state) => state.monaco)
  const chosen = useGraphiQL((state) => state.monacoTheme)

  useEffect(() => {
    if (!monaco) return
    for (const [name, data] of Object.entries(themes)) monaco.editor.defineTheme(name, data)
    monaco.editor.setTheme(chosen)
  }, [monaco, chosen])

  return null
}
