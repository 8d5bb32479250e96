import type { Container } from '../../generated/kubeTypes.js'
import { findImage } from './images.js'

/**
 * What a container writes to its standard output, as far as can be told without running it; undefined where it cannot.
 *
 * A shell's `echo` of plain words and of the container's own variables is told, what sleeps or waits says nothing, and an image that
 * refuses to start says why.
 */
export function outputOf(container: Container): readonly string[] | undefined {
  const command = container.command ?? []
  const args = container.args ?? []
  const entry = findImage(container.image ?? '')
  if (command.length === 0) {
    const needs = entry?.needsEnv
    const isGiven = (container.envFrom ?? []).length > 0 || (container.env ?? []).some(({ name }) => needs?.oneOf.includes(name))
    if (needs !== undefined && !isGiven) return [needs.message]
    if (entry?.exits === undefined) return /(?:^|\/)pause(?:[:@]|$)/.test(container.image ?? '') ? [] : undefined
    if (args.length === 0) return []
  }
  return outputOfWords([...command, ...args], container)
}

/** What one command prints; undefined where that is not known. */
export function outputOfWords(words: readonly string[], container: Container): readonly string[] | undefined {
  const [program = '', ...rest] = words
  switch (program.slice(program.lastIndexOf('/') + 1)) {
    case 'sh':
    case 'bash':
    case 'ash': {
      const flag = rest.findIndex((word) => /^-[a-z]*c$/.test(word))
      return flag < 0 ? (rest.length === 0 ? [] : undefined) : outputOfScript(rest[flag + 1] ?? '', container)
    }
    case 'echo':
      return [rest.filter((word, index) => index > 0 || !/^-[neE]+$/.test(word)).join(' ')]
    case 'sleep':
    case 'true':
    case 'false':
    case 'exit':
    case 'touch':
    case 'mkdir':
    case 'cd':
    case 'set':
    case 'trap':
    case 'kill':
    case ':':
      return []
    case 'tail':
      return rest.includes('/dev/null') ? [] : undefined
    default:
      return undefined
  }
}

const LOOP = /^\s*(?:while|until|for)\b/

/** A script of simple commands, one after another; a loop is known where nothing in it speaks. */
function outputOfScript(script: string, container: Container): readonly string[] | undefined {
  const lines: string[] = []
  for (const part of splitScript(script)) {
    if (LOOP.test(part)) {
      const inner = part.replace(LOOP, '').split(/;|\n|&&|\bdo\b|\bdone\b/)
      const isSilent = inner.every((each) => /^\s*(?:true|:|\[ 1 \]|sleep\s+[\w.]+)?\s*$/.test(each))
      return isSilent ? lines : undefined
    }
    const words = splitWordsOf(part, container)
    if (words === undefined) return undefined
    if (words.length === 0) continue
    const said = outputOfWords(words, container)
    if (said === undefined) return undefined
    lines.push(...said)
    const [program] = words
    if (program === 'exit' || (program === 'sleep' && /^(?:inf|infinity)$/.test(words[1] ?? ''))) break
  }
  return lines
}

/** Commands of a script, apart at `;`, `&&` and line ends outside of quotes; a loop is one with all that follows it. */
function splitScript(script: string): readonly string[] {
  const parts: string[] = []
  let part = ''
  let quote = ''
  for (let at = 0; at < script.length; at++) {
    const char = script.charAt(at)
    if (quote === '' && part.trim() === '' && LOOP.test(script.slice(at))) return [...parts, script.slice(at)]
    if (quote !== '') {
      if (char === quote) quote = ''
    } else if (char === '"' || char === "'") quote = char
    else if (char === ';' || char === '\n' || script.startsWith('&&', at)) {
      parts.push(part)
      part = ''
      if (char === '&') at++
      continue
    }
    part += char
  }
  return [...parts, part]
}

/** The words of a simple command; undefined where it pipes, redirects, or reckons with what is not known here. */
function splitWordsOf(text: string, container: Container): readonly string[] | undefined {
  const words: string[] = []
  const variables = new Map(
    (container.env ?? []).flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const])),
  )
  const pattern = /\s*((?:"[^"]*"|'[^']*'|[^\s"'])+)/y
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    let isKnown = true
    const word = (match[1] ?? '').replace(
      /"([^"]*)"|'([^']*)'|([^"']+)/g,
      (_all, soft?: string, hard?: string, bare?: string) => {
        if (hard !== undefined) return hard
        const inner = soft ?? bare ?? ''
        if (/`|\$\(|\$\{[^}]*\W[^}]*\}/.test(inner) || (bare !== undefined && /[|<>&*?()]/.test(inner))) isKnown = false
        return inner.replace(/\$\{?(\w+)\}?/g, (_whole, name: string) => {
          const value = variables.get(name)
          if (value === undefined) isKnown = false
          return value ?? ''
        })
      },
    )
    if (!isKnown) return undefined
    words.push(word)
  }
  return words
}
