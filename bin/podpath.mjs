#!/usr/bin/env node
// The command line is TypeScript: tsx runs it from wherever the package is installed.
import { register } from 'tsx/esm/api'

register()
await import('../src/cli/main.ts')
