import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          testTimeout: 60_000,
          include: ['src/**/*.test.{ts,tsx}'],
          exclude: ['src/**/*.conformance.test.ts', 'src/**/*.kernel.test.ts'],
        },
      },
      { test: { name: 'conformance', include: ['src/**/*.conformance.test.ts'], testTimeout: 60_000 } },
      {
        test: {
          name: 'kernel',
          include: ['src/**/*.kernel.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
