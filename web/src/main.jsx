import './workers.js'
import '@graphiql/react/style.css'
import '@graphiql/plugin-doc-explorer/style.css'
import '@graphiql/plugin-history/style.css'
import 'graphiql/graphiql.css'
import './page.css'

import { GraphiQL } from 'graphiql'
import { createRoot } from 'react-dom/client'

import { Bar } from './bar.jsx'
import { Colours, editorTheme } from './colours.jsx'
import { examples } from './examples.js'
import { fetcher } from './fetcher.js'
import { storage } from './storage.js'
import { KeepTabs } from './tabs.jsx'

createRoot(document.getElementById('page')).render(
  <GraphiQL
    fetcher={fetcher}
    storage={storage}
    editorTheme={editorTheme}
    defaultTabs={examples}
    defaultEditorToolsVisibility="variables"
    schemaDescription
  >
    <GraphiQL.Logo>
      <></>
    </GraphiQL.Logo>
    <Colours />
    <KeepTabs />
    <Bar />
  </GraphiQL>,
)
