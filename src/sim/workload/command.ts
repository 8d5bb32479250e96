import { SECOND, type SimTime } from '../core/time.js'

/** What a command line does, as far as can be told without running it. */
export type Course =
  /** Runs on, serving what its image serves. */
  | { readonly kind: 'serve'; readonly ports?: readonly number[] }
  /** Runs on and serves nothing. */
  | { readonly kind: 'idle' }
  /** Ends by itself after some time. */
  | { readonly kind: 'exit'; readonly after: SimTime; readonly code: number; readonly reason?: string }
  /** Asks again and again until a Service's name resolves, or somebody answers behind it; then ends well. */
  | { readonly kind: 'await'; readonly host: string; readonly what: 'name' | 'answer' }
  /** The program is not in the image. */
  | { readonly kind: 'missing'; readonly program: string }

const QUICK: SimTime = 20_000

/**
 * Reads a command line: `sleep`, `exit`, loops, small servers, and shell scripts made of these.
 *
 * Simplified: everything else counts as a program that does its work at once in a script, and that runs on by itself.
 */
export function courseOf(words: readonly string[]): Course {
  const [program = '', ...rest] = words
  const name = program.slice(program.lastIndexOf('/') + 1)
  if (/does-?not-?exist|no-?such|nonexistent/.test(name)) return { kind: 'missing', program }
  switch (name) {
    case 'sh':
    case 'bash':
    case 'ash': {
      const flag = rest.findIndex((word) => /^-[a-z]*c$/.test(word))
      if (flag >= 0) return courseOfScript(rest[flag + 1] ?? '')
      return { kind: 'exit', after: QUICK, code: 0 }
    }
    case 'sleep': {
      const seconds = durationOf(rest[0] ?? '')
      return seconds === undefined ? { kind: 'idle' } : { kind: 'exit', after: seconds * SECOND, code: 0 }
    }
    case 'true':
    case 'echo':
    case 'printf':
    case 'date':
    case 'ls':
    case 'env':
    case 'cat':
    case 'touch':
    case 'mkdir':
    case 'cp':
    case 'nslookup':
    case 'wget':
    case 'curl':
      return { kind: 'exit', after: QUICK, code: 0 }
    case 'false':
      return { kind: 'exit', after: QUICK, code: 1 }
    case 'exit':
      return { kind: 'exit', after: QUICK, code: Number(rest[0] ?? 0) & 255 }
    case 'kill':
      return { kind: 'exit', after: QUICK, code: 143 }
    case 'tail':
      return rest.includes('-f') || rest.includes('-F') ? { kind: 'idle' } : { kind: 'exit', after: QUICK, code: 0 }
    case 'perl':
    case 'expr':
    case 'bc':
      return { kind: 'exit', after: 2 * SECOND, code: 0 }
    case 'nc':
    case 'netcat':
    case 'httpd': {
      const port = flagValue(rest, ['-p', '-l', '-lp', '-lkp']) ?? rest.find((word) => /^\d+$/.test(word))
      if (name === 'httpd' && port === undefined) return { kind: 'serve' }
      return port === undefined ? { kind: 'exit', after: QUICK, code: 1 } : { kind: 'serve', ports: [portOf(port)] }
    }
    case 'python':
    case 'python3': {
      if (!rest.some((word) => word === 'http.server' || word === 'SimpleHTTPServer')) return { kind: 'serve' }
      const port = rest.find((word) => /^\d+$/.test(word))
      return { kind: 'serve', ports: [port === undefined ? 8000 : Number(port)] }
    }
    case 'stress':
    case 'stress-ng':
      return { kind: 'idle' }
    default:
      return { kind: 'serve' }
  }
}

/** A script's course is that of its last command; what sleeps before adds up, what never ends decides. */
function courseOfScript(script: string): Course {
  const awaited = /\b(?:until|while\s+!)\s+(nslookup|getent|nc|wget|curl|pg_isready|mysqladmin|redis-cli|ping)\b([^;\n]*)/.exec(
    script,
  )
  if (awaited !== null) {
    const host = hostIn(awaited[2] ?? '')
    if (host !== undefined)
      return { kind: 'await', host, what: /^(?:nslookup|getent)$/.test(awaited[1] ?? '') ? 'name' : 'answer' }
  }
  if (
    /\bwhile\s+(?:true|:|\[\s*1\s*\]|sleep\b)|\bfor\s*\(\(\s*;\s*;\s*\)\)|\btail\s+-f\b|\bsleep\s+(?:infinity|inf)\b/.test(script)
  ) {
    const before = script.slice(0, script.search(/\bwhile\b|\bfor\b|\btail\b|\bsleep\s+inf/))
    const served = /\b(?:nc|netcat|http\.server|httpd)\b/.test(script) ? portsIn(script) : []
    const early = /(?:^|[;&\n])\s*exit\s+(\d+)/.exec(before)
    if (early !== null) return { kind: 'exit', after: QUICK, code: Number(early[1]) & 255 }
    return served.length > 0 ? { kind: 'serve', ports: served } : { kind: 'idle' }
  }
  let after = 0
  let last: Course = { kind: 'exit', after: QUICK, code: 0 }
  for (const part of script.split(/&&|\|\||[;\n]/)) {
    const words = part
      .trim()
      .replace(/^exec\s+/, '')
      .split(/\s+/)
      .filter((word) => word !== '')
    if (words.length === 0 || /^(?:#|set$|trap$|export$|cd$)/.test(words[0] ?? '')) continue
    const course = courseOf(words)
    if (course.kind !== 'exit') {
      // A script's plain word is a small program that ends; only known servers go on.
      if (
        course.kind === 'serve' &&
        course.ports === undefined &&
        !/^(?:nginx|httpd|node|python3?|java|redis-server|\.\/|\/)/.test(words[0] ?? '')
      )
        continue
      return course
    }
    after += course.after
    last = { ...course, after }
    if (words[0] === 'exit') return last
  }
  return last
}

/** The first word of a command that is a host's name, without scheme, path and port. */
function hostIn(words: string): string | undefined {
  for (const word of words.trim().split(/\s+/)) {
    const bare = word.replace(/^["']?(?:[a-z]+:\/\/)?/, '').replace(/[:/"'].*$/, '')
    if (/^[a-z]([a-z0-9.-]*[a-z0-9])?(?:\.\$.*)?$/.test(bare) && !/^(?:hosts|ping|spider)$/.test(bare))
      return bare.replace(/\.\$.*$/, '')
  }
  return undefined
}

function portsIn(script: string): readonly number[] {
  const match = /(?:-l?k?p|-l|http\.server)\s+(\d+)/.exec(script)
  return match === null ? [] : [Number(match[1])]
}

function flagValue(words: readonly string[], flags: readonly string[]): string | undefined {
  const index = words.findIndex((word) => flags.includes(word))
  const value = index < 0 ? undefined : words[index + 1]
  return value !== undefined && /\d/.test(value) ? value : undefined
}

function portOf(text: string): number {
  return Number(/(\d+)$/.exec(text)?.[1] ?? 0)
}

/** `30`, `1m`, `0.5`; undefined for `infinity`. */
function durationOf(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(text)
  if (match === null) return undefined
  const factor = { '': 1, s: 1, m: 60, h: 3_600, d: 86_400 }[match[2] ?? ''] ?? 1
  return Math.round(Number(match[1]) * factor)
}
