import { describe, expect, it } from 'vitest'
import { builtinScenario, readScenario, STORY_IDS } from '../scenario/index.js'
import { act, openSession, toSessionInput } from './index.js'

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

function read(...files: readonly { readonly name: string; readonly text: string }[]) {
  const input = readScenario(files)
  if (!input.ok) throw new Error('does not read')
  return input.value
}

const SERVICE = `apiVersion: v1
kind: Service
metadata:
  name: web
  annotations: { b: "<2>" }
spec:
  selector: { app: web }
  ports: [{ port: 80 }]
`

describe("a scenario's own objects", () => {
  it.each(['default', ...STORY_IDS])(
    '[SCI1] of %s stand as if applied: applying them again changes nothing and warns of nothing',
    (id) => {
      const input = read(...(builtinScenario(id) ?? []))
      const session = openSession(toSessionInput(input))
      const items = input.objects.map(({ object }) => object)
      // One scenario begins with an empty cluster.
      if (items.length === 0) return
      const files = { 'all.json': JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) }
      const { kubectl } = act(session, { type: 'kubectl', args: ['apply', '-f', 'all.json'], files })
      expect(kubectl?.stderr).toBe('')
      const lines = kubectl?.stdout.trim().split('\n') ?? []
      expect(lines).toHaveLength(items.length)
      for (const line of lines) expect(line).toMatch(/ unchanged$/)
    },
  )

  it('[SCI2] carry the manifest as kubectl writes it, items of lists too', () => {
    const { spec } = toSessionInput(read({ name: 'a.yaml', text: SERVICE }))
    const [service] = spec.objects ?? []
    expect(service?.metadata.annotations?.[LAST_APPLIED]).toBe(
      '{"apiVersion":"v1","kind":"Service","metadata":{"annotations":{"b":"\\u003c2\\u003e"},"name":"web","namespace":"default"},' +
        '"spec":{"ports":[{"port":80}],"selector":{"app":"web"}}}\n',
    )
  })

  it('[SCI3] of a whole cluster are left as they stand', () => {
    const node = 'apiVersion: v1\nkind: Node\nmetadata: { name: node1 }\n---\n'
    const { spec } = toSessionInput(read({ name: 'a.yaml', text: node + SERVICE }))
    expect(spec.objects).toBeUndefined()
    expect(JSON.stringify(spec.restore)).not.toContain(LAST_APPLIED)
  })
})
