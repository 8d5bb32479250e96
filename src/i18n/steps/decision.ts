import type { MessageKey, Phrase } from '../message.js'

type Numbers = Readonly<Record<string, string | number>>

/** Decisions that have a sentence of their own, and the numbers that it tells. */
const TOLD = {
  'sync-endpoints': ['endpoints', 'ready', 'create', 'update', 'delete'],
  'sync-endpoints-object': ['addresses'],
  'node-silent': ['silentSeconds'],
  'drive-out': ['taint'],
  'evict-later': ['seconds', 'taints'],
  'sync-nodes': ['create', 'delete', 'nodes'],
  'roll-out': ['replace', 'surge'],
  'create-pod': ['pod'],
  'replace-pod': ['pod'],
  'scale-down': ['pod', 'wanted'],
  'start-job': ['job'],
  rescale: ['from', 'to', 'reason'],
  adopt: ['object'],
  collect: ['owners'],
  'delete-old-replicaset': ['replicaSet'],
  'allocate-pod-range': ['podCIDR'],
} as const satisfies Readonly<Record<string, readonly string[]>>

type Told = keyof typeof TOLD

function isTold(decision: string): decision is Told {
  return Object.hasOwn(TOLD, decision)
}

/** What a controller has decided, in words; undefined for a code without words, or one that lacks its numbers. */
export function decisionPhrase(
  decision: string,
  facts: { readonly controller: string; readonly object: string },
  numbers: Numbers,
): Phrase | undefined {
  if (!isTold(decision)) return undefined
  const params: Record<string, string | number> = { ...facts }
  for (const name of TOLD[decision]) {
    const value = numbers[name]
    if (value === undefined) return undefined
    // The object decided about is named already: this one is another.
    params[name === 'object' ? 'which' : name] = value
  }
  const key: MessageKey = `decision.${decision}`
  return { key, params }
}
