import { own } from '../sim/index.js'
/** A flag of a command. `optional` takes a value only with `=` (`--dry-run`, `--dry-run=client`). */
export interface FlagSpec {
  readonly kind: 'bool' | 'string' | 'list' | 'optional'
  readonly short?: string
  /** Of `optional`, without `=`. */
  readonly bare?: string
}

export type FlagSpecs = Readonly<Record<string, FlagSpec>>

/** Flags that every command takes. */
export const GLOBAL_FLAGS: FlagSpecs = {
  namespace: { kind: 'string', short: 'n' },
  context: { kind: 'string' },
  cluster: { kind: 'string' },
  user: { kind: 'string' },
  kubeconfig: { kind: 'string' },
  server: { kind: 'string', short: 's' },
  token: { kind: 'string' },
  as: { kind: 'string' },
  'as-group': { kind: 'list' },
  'request-timeout': { kind: 'string' },
  v: { kind: 'string' },
  help: { kind: 'bool', short: 'h' },
}

/** A command line after reading its flags. */
export interface ParsedArgs {
  readonly words: readonly string[]
  /** Words after `--`. */
  readonly rest: readonly string[]
  text(name: string): string | undefined
  list(name: string): readonly string[]
  isSet(name: string): boolean
  flag(name: string, otherwise?: boolean): boolean
}

/** Reads flags as Go's pflag does: `--name value`, `--name=value`, `-n value`, `-nvalue`, `-n=value`, grouped one-letter switches. */
export function parseFlags(args: readonly string[], specs: FlagSpecs): ParsedArgs | { readonly error: string } {
  const values = new Map<string, string[]>()
  const words: string[] = []
  const add = (name: string, value: string): void => {
    values.set(name, [...(values.get(name) ?? []), value])
  }
  let index = 0
  for (; index < args.length; index++) {
    const arg = args[index] ?? ''
    if (arg === '--') break
    if (!arg.startsWith('-') || arg === '-') {
      words.push(arg)
      continue
    }
    const read = arg.startsWith('--') ? readLong(arg, args[index + 1], specs, add) : readShort(arg, args[index + 1], specs, add)
    if (typeof read === 'string') return { error: read }
    index += read
  }
  const rest = args.slice(index + 1)
  const last = (name: string): string | undefined => values.get(name)?.at(-1)
  return {
    words,
    rest,
    text: last,
    list: (name) => (values.get(name) ?? []).flatMap((each) => each.split(',')),
    isSet: (name) => values.has(name),
    flag: (name, otherwise = false) => {
      const value = last(name)
      return value === undefined ? otherwise : value !== 'false'
    },
  }
}

type Add = (name: string, value: string) => void

/** @returns how many further words were used up, or what is wrong. */
function readLong(arg: string, next: string | undefined, specs: FlagSpecs, add: Add): number | string {
  const equals = arg.indexOf('=')
  const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals)
  const spec = own(specs, name)
  if (spec === undefined) return `unknown flag: --${name}`
  if (equals >= 0) {
    add(name, arg.slice(equals + 1))
    return 0
  }
  if (spec.kind === 'bool' || spec.kind === 'optional') {
    add(name, spec.bare ?? 'true')
    return 0
  }
  if (next === undefined) return `flag needs an argument: --${name}`
  add(name, next)
  return 1
}

function readShort(arg: string, next: string | undefined, specs: FlagSpecs, add: Add): number | string {
  for (let at = 1; at < arg.length; at++) {
    const letter = arg.charAt(at)
    const found = Object.entries(specs).find(([name, spec]) => spec.short === letter || name === letter)
    if (found === undefined) return `unknown shorthand flag: '${letter}' in ${arg}`
    const [name, spec] = found
    if (spec.kind === 'bool') {
      add(name, 'true')
      continue
    }
    const tail = arg.slice(at + 1).replace(/^=/, '')
    if (tail !== '') {
      add(name, tail)
      return 0
    }
    if (next === undefined) return `flag needs an argument: '${letter}' in ${arg}`
    add(name, next)
    return 1
  }
  return 0
}
