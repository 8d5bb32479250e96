import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { parseIptablesSave, printIptablesSave } from './save.js'

const data = new URL('../conformance/data/rules-real/', import.meta.url)

it.each(readdirSync(data))('[NF1] parsing and printing %s gives the same text', (name) => {
  const text = readFileSync(new URL(name, data), 'utf8')
  const parsed = parseIptablesSave(text)
  expect(parsed.ok ? printIptablesSave(parsed.value) : parsed.error).toBe(text)
})
