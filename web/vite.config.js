import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { gzipSync } from 'fflate'
import { defineConfig } from 'vite'

const licences = 'licenses.txt'
const inWorkers = new Set() // folders of the packages in the workers

export default defineConfig({
  build: {
    chunkSizeWarningLimit: 3000, // kB; Monaco is one piece
    assetsInlineLimit: 0, // files only: the page's policy needs no data: for them
    license: { fileName: licences },
    modulePreload: { polyfill: false },
    target: 'es2022',
    rolldownOptions: { onLog: quiet },
  },
  resolve: {
    // Two names of one file each; as one they are bundled once.
    alias: {
      'prettier/parser-babel': 'prettier/plugins/babel',
      'prettier/parser-graphql': 'prettier/plugins/graphql',
    },
  },
  server: { proxy: { '/graphql': { target: 'http://127.0.0.1:8080', ws: true } } },
  worker: { plugins: () => [noteWorkers()] },
  plugins: [finish()],
})

/** React's "use client" means nothing to a page without a server half. */
function quiet(level, log, handle) {
  if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log)
}

/** Notes the packages of the workers: they are bundled apart, past Vite's list of licences. */
function noteWorkers() {
  return {
    name: 'note-workers',
    generateBundle(_options, bundle) {
      for (const module of Object.values(bundle).flatMap((chunk) => chunk.moduleIds ?? [])) {
        const folder = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(module)
        if (folder) inWorkers.add(folder[0])
      }
    },
  }
}

/** Completes the licences, and leaves every built file compressed only. */
function finish() {
  let folder
  return {
    name: 'finish',
    apply: 'build',
    configResolved: (config) => {
      folder = config.build.outDir
    },
    closeBundle() {
      completeLicences(join(folder, licences))
      compress(folder)
    },
  }
}

/** Adds what is missing: packages of the workers only, and what Monaco has taken in itself. */
function completeLicences(path) {
  const listed = readFileSync(path, 'utf8')
  for (const folder of [...inWorkers].sort()) {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const title = `## ${name} - ${version} (${license})\n`
    if (!listed.includes(title)) appendFileSync(path, `\n${title}\n${readFileSync(join(folder, 'LICENSE'), 'utf8')}`)
    const notices = join(folder, 'ThirdPartyNotices.txt')
    if (existsSync(notices)) appendFileSync(path, `\n## Within ${name}\n\n${readFileSync(notices, 'utf8')}`)
  }
}

/**
 * Replaces files by their .gz, to be embedded and served as they are. The
 * compressor is written in JavaScript: zlib's output differs between machines.
 */
function compress(folder) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9, mtime: 0 }))
    rmSync(path)
  }
}
