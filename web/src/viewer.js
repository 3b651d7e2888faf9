// Who is signed in, and ids of things of theirs that fill the examples' blanks.

import { useEffect, useState } from 'react'

import { request } from './fetcher.js'
import { session, useSession } from './session.js'

const whoQuery = /* GraphQL */ `
  query PageViewer {
    viewer {
      name
      email
      employments(first: 1, status: [ACTIVE]) {
        nodes {
          company {
            id
            name
            objects(first: 1, filter: { tile: [ACTIVATION_REQUIRED] }) {
              nodes {
                hubs(first: 10) {
                  nodes {
                    id
                    tile {
                      kind
                    }
                    activationOptions {
                      packages {
                        id
                      }
                      connections {
                        id
                      }
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
  }
`

/** The signed-in person, null when nobody is, undefined while that is being asked. */
export function useViewer() {
  const { token } = useSession()
  const [viewer, setViewer] = useState()

  useEffect(() => {
    let isCurrent = true
    setViewer(token ? undefined : null)
    if (token) {
      ask().then((answer) => isCurrent && token === session.get().token && setViewer(answer))
    }
    return () => {
      isCurrent = false
    }
  }, [token])

  return viewer
}

async function ask() {
  const result = await request({ query: whoQuery, operationName: 'PageViewer' }).catch(() => ({}))
  const viewer = result.data?.viewer ?? null
  if (result.data && !viewer) session.signOut() // the session is over
  const company = viewer?.employments?.nodes[0]?.company
  session.set({ ids: ids(company) })
  return viewer && { ...viewer, company: company?.name }
}

/** Ids by the names of the examples' variables: of the company, and of a hub to activate. */
function ids(company) {
  const hubs = company?.objects?.nodes.flatMap((object) => object.hubs.nodes) ?? []
  const hub = hubs.find(({ tile }) => tile.kind === 'ACTIVATION_REQUIRED')
  const found = {
    companyId: company?.id,
    hubId: hub?.id,
    packageId: hub?.activationOptions.packages[0]?.id,
    connectionId: hub?.activationOptions.connections[0]?.id,
  }
  return Object.fromEntries(Object.entries(found).filter(([, id]) => id))
}
