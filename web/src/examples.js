// The tabs of the first visit: a first hour at the dealer of the demo cast.

import activate from './operations/activate.graphql?raw'
import connections from './operations/connections.graphql?raw'
import companies from './operations/companies.graphql?raw'
import dashboard from './operations/dashboard.graphql?raw'
import signIn from './operations/sign-in.graphql?raw'
import watch from './operations/watch.graphql?raw'

const credentials = `{
  // Others of the cast: \`-demo\` prints them when it starts.
  "email": "olga@nightwatch.example",
  "password": "demo-partner-hub"
}`

const company = `{
  // A company's id, from tab 2. Left blank, the page fills in
  // the first company of whoever signs in.
  "companyId": ""
}`

const stream = `{
  // A company's id, from tab 2. Left blank, the page fills in
  // the first company of whoever signs in.
  "companyId": "",
  // The cursor of an event, to go on after it.
  "after": null
}`

const activation = `{
  // The id of a hub with the tile ACTIVATION_REQUIRED, from
  // tab 2. Left blank, the page fills in one at sign-in.
  "hubId": "",
  // May stay null where ActivationOptions lists only one.
  "packageId": null,
  "connectionId": null
}`

export const examples = [
  { query: signIn, variables: credentials },
  { query: companies },
  { query: watch, variables: stream },
  { query: activate, variables: activation },
  { query: connections, variables: company },
  { query: dashboard, variables: company },
]
