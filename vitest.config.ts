import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const source = { resolve: { conditions: ['source'] }, ssr: { resolve: { conditions: ['source'] } } }

export default defineConfig({
  test: {
    projects: [
      {
        ...source,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts', 'tun-tap/test/**/*.test.ts'],
          exclude: [
            'test/interop/**',
            'test/kernel/**',
            'test/bench/**',
            'test/renderer/**',
            'test/ui/**',
            'test/electron/**',
          ],
          testTimeout: 10_000,
        },
      },
      {
        plugins: [vue()],
        define: { __FAKE__: 'false' },
        test: {
          name: 'renderer',
          environment: 'happy-dom',
          css: true,
          include: ['test/renderer/**/*.test.ts'],
          testTimeout: 10_000,
        },
      },
      {
        ...source,
        test: {
          name: 'ui',
          include: ['test/ui/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        ...source,
        test: {
          name: 'electron',
          include: ['test/electron/**/*.test.ts'],
          // The tests enter network namespaces, which counts for a thread: each file has a process of its own.
          pool: 'forks',
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        ...source,
        test: {
          name: 'interop',
          include: ['test/interop/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        ...source,
        test: {
          name: 'kernel',
          include: ['test/kernel/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
