import type { PodTemplateSpec } from '../../../generated/kubeTypes.js'
import { byCodeUnit } from '../../core/digest.js'
import { goText } from './goText.js'

const OFFSET = 2_166_136_261
const PRIME = 16_777_619
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'

/** Hash of a template by its text, remembered; can be rebuilt. */
const known = new WeakMap<PodTemplateSpec, string>()

/**
 * The value of the label `pod-template-hash` that the Deployment controller gives to a template's ReplicaSet, and of
 * `controller-revision-hash` for DaemonSets: at most ten characters, the same in every cluster of this version.
 *
 * @param template as stored, after defaulting, without the label itself.
 * @param collisionCount `status.collisionCount`; absent is not 0.
 * Source: kubernetes pkg/controller/controller_utils.go ComputeHash
 */
export function podTemplateHash(template: PodTemplateSpec, collisionCount?: number): string {
  if (collisionCount !== undefined) return safeEncode(templateSum(template, collisionCount))
  const before = known.get(template)
  if (before !== undefined) return before
  const hash = safeEncode(templateSum(template, undefined))
  known.set(template, hash)
  return hash
}

function templateSum(template: PodTemplateSpec, collisionCount: number | undefined): number {
  const bytes = utf8(goText(template, 'v1.PodTemplateSpec'))
  if (collisionCount !== undefined) {
    for (let shift = 0; shift < 32; shift += 8) bytes.push((collisionCount >>> shift) & 0xff)
    bytes.push(0, 0, 0, 0)
  }
  let sum = OFFSET
  for (const byte of bytes) sum = Math.imul(sum ^ byte, PRIME) >>> 0
  return sum
}

/**
 * The hash in the name of a StatefulSet's ControllerRevision.
 *
 * @param data the revision's data: `{ spec: { template: { $patch: 'replace', ... } } }`.
 * @param collisionCount `status.collisionCount`, 0 when absent.
 * Source: kubernetes pkg/controller/history/controller_history.go HashControllerRevision
 */
export function revisionHash(data: unknown, collisionCount = 0): string {
  let sum = OFFSET
  for (const byte of utf8(sortedJson(data) + String(collisionCount))) sum = (Math.imul(sum, PRIME) ^ byte) >>> 0
  return safeEncode(sum)
}

/** Compact JSON as Go writes a map: keys sorted, `<`, `>` and `&` escaped. */
export function sortedJson(value: unknown): string {
  return JSON.stringify(sorted(value)).replace(
    /[<>&\u2028\u2029]/g,
    (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, each]) => each !== undefined)
  return Object.fromEntries(entries.sort(([a], [b]) => byCodeUnit(a, b)).map(([key, each]) => [key, sorted(each)]))
}

/** Source: apimachinery pkg/util/rand/rand.go SafeEncodeString */
function safeEncode(sum: number): string {
  return [...String(sum)].map((digit) => ALPHABET[digit.charCodeAt(0) % ALPHABET.length]).join('')
}

function utf8(text: string): number[] {
  const bytes: number[] = []
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    if (code < 0x80) bytes.push(code)
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63))
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
    else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
  }
  return bytes
}
