import type { Ctx } from '../context.js'

/** Without vowels and look-alikes. Source: apimachinery pkg/util/rand/rand.go */
const ALPHANUMS = 'bcdfghjklmnpqrstvwxz2456789'

/** Source: apiserver pkg/storage/names/generate.go */
const MAX_GENERATED_NAME = 63
const RANDOM_LENGTH = 5

/** A name from `generateName`: its base, cut to fit, with five random characters. */
export function generateName(ctx: Ctx, base: string): string {
  return base.slice(0, MAX_GENERATED_NAME - RANDOM_LENGTH) + randomSuffix(ctx, 'apiserver.names')
}

export function randomSuffix(ctx: Ctx, stream: string, length = RANDOM_LENGTH): string {
  const random = ctx.random(stream)
  return Array.from({ length }, () => ALPHANUMS[random.int(ALPHANUMS.length)] ?? '').join('')
}

/** A random UUID, version 4. */
export function newUid(ctx: Ctx): string {
  const random = ctx.random('apiserver.uid')
  const hex = Array.from({ length: 8 }, () => random.int(65_536).toString(16).padStart(4, '0')).join('')
  const variant = '89ab'[random.int(4)] ?? '8'
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
