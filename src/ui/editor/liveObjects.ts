import { askFor } from '../../state/client.js'

/** An object that a document of the text is about. */
export interface Named {
  readonly kind: string
  readonly name: string
  readonly namespace: string
}

/** Objects compared at most: one question to the simulation each. */
const COMPARED = 40

/** What the documents of a text are about, read line by line so that a half-written text still has an answer. */
export function objectsIn(text: string): readonly Named[] {
  return text.split(/^---(?:[ \t].*)?\r?$/m).flatMap((document) => {
    const kind = /^kind:[ \t]*["']?([A-Za-z]+)/m.exec(document)?.[1]
    const metadata = /^metadata:[ \t]*\r?\n((?:[ \t]+.*(?:\r?\n|$)|\r?\n)*)/m.exec(document)?.[1] ?? ''
    const name = /^[ \t]+name:[ \t]*["']?([^\s"'#]+)/m.exec(metadata)?.[1]
    const namespace = /^[ \t]+namespace:[ \t]*["']?([^\s"'#]+)/m.exec(metadata)?.[1] ?? 'default'
    return kind === undefined || name === undefined ? [] : [{ kind, name, namespace }]
  })
}

/** The cluster's own YAML of the objects that a text is about, in the text's order, without their status. */
export async function liveObjects(text: string): Promise<string> {
  const found = await Promise.all(
    objectsIn(text)
      .slice(0, COMPARED)
      .map(async ({ kind, name, namespace }) => {
        const args = ['get', kind, name, '-n', namespace, '-o', 'yaml']
        const answer = await askFor({ type: 'kubectl-read', args }, 'kubectl-read')
        if (answer === undefined) return ''
        return answer.exit === 0 ? withoutStatus(answer.stdout) : `# ${answer.stderr.trim()}\n`
      }),
  )
  return found.join('---\n')
}

/** What the cluster writes itself is no part of what one would apply. */
export function withoutStatus(yaml: string): string {
  return yaml.replace(/^status:.*\n(?:[ \t-].*\n)*/m, '')
}
