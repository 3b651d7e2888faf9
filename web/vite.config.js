import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { gzipSync } from 'fflate'
import { defineConfig } from 'vite'

export default defineConfig({
  build: {
    chunkSizeWarningLimit: 3000, // kB; Monaco is one piece
    assetsInlineLimit: 0, // files only: the page's policy needs no data: for them
    license: { fileName: 'licenses.txt' },
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
  plugins: [gzipOnly()],
})

/** React's "use client" means nothing to a page without a server half. */
function quiet(level, log, handle) {
  if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log)
}

/**
 * Leaves every built file as .gz only, to be embedded and served as it is. The
 * compressor is written in JavaScript: zlib's output differs between machines.
 */
function gzipOnly() {
  let folder
  return {
    name: 'gzip-only',
    apply: 'build',
    configResolved: (config) => {
      folder = config.build.outDir
    },
    closeBundle() {
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue
        const path = join(entry.parentPath, entry.name)
        writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9, mtime: 0 }))
        rmSync(path)
      }
    },
  }
}
