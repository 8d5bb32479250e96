import { readdirSync, readFileSync } from 'node:fs'
import process from 'node:process'
import { describe, expect, it } from 'vitest'
import { byCodeUnit } from '../../sim/core/digest.js'
import { freshName, hasIpset, run, whyNotHere } from './shell.js'

const why = whyNotHere()
if (why !== undefined) process.stdout.write(`skipped: ${why}\n`)

const data = new URL('../../sim/net/conformance/data/dumps/', import.meta.url)

/** Not in every kernel: `nfacct` needs its counter, `rpfilter` its module. */
const ABSENT = / -m nfacct --nfacct-name {1,2}\S+| -m rpfilter( --validmark)?( --invert)?/g

const isSet = (line: string): boolean => /^(create|add) /.test(line)

/** Lines of the same chain stay in their order; the tool puts chains in the order of their names. */
function rulesOf(text: string): readonly string[] {
  let table = ''
  const rules: string[] = []
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1)
    else if (line.startsWith('-A ')) rules.push(`${table} ${line}`)
  }
  const chainOf = (rule: string): string => rule.split(' ', 3).join(' ')
  return rules.toSorted((a, b) => byCodeUnit(chainOf(a), chainOf(b)))
}

/** Sets that a rule names and the dump leaves out, which a kernel does not take. */
function missingSets(text: string): string {
  const named = [...text.matchAll(/--match-set (\S+)/g)].map((match) => match[1] ?? '')
  return [...new Set(named)]
    .filter((name) => !text.includes(`create ${name} `))
    .map((name) => `create ${name} hash:net family inet\n`)
    .join('')
}

describe.skipIf(why !== undefined)('dumps of real kinds of Nodes', () => {
  const canAskSets = why === undefined && hasIpset()
  const able = readdirSync(data).filter(
    (name) => canAskSets || !readFileSync(new URL(name, data), 'utf8').includes('--match-set'),
  )
  it.each(able)('%s: the real tools print the text as it is', (name) => {
    const text = readFileSync(new URL(name, data), 'utf8').replace(ABSENT, '')
    const namespace = freshName()
    const inside = (command: readonly string[], input?: string): string =>
      run(['ip', 'netns', 'exec', namespace, ...command], input)
    const sets = text.split('\n').filter(isSet)
    run(['ip', 'netns', 'add', namespace])
    try {
      if (text.includes('--match-set')) inside(['ipset', 'restore'], `${sets.join('\n')}\n${missingSets(text)}`)
      const rules = text
        .split('\n')
        .filter((line) => !isSet(line))
        .join('\n')
      inside(['iptables-restore'], rules)
      expect(rulesOf(inside(['iptables-save']))).toEqual(rulesOf(text))
      const saved = sets.length === 0 ? '' : inside(['ipset', 'save'])
      expect(saved.split('\n')).toEqual(expect.arrayContaining(sets))
    } finally {
      run(['ip', 'netns', 'del', namespace])
    }
  })
})
