import { describe, expect, it } from 'vitest'
import { withoutOwnKinds } from './draft.js'
import { indentAfter } from './indent.js'
import { objectsIn, withoutStatus } from './liveObjects.js'
import { withOurKinds } from './schema.js'
import { TEMPLATES, withDocument } from './templates.js'

describe('[E6] the cluster’s side of a comparison', () => {
  it('is about the objects that the text names', () => {
    const text =
      'apiVersion: v1\nkind: Pod\nmetadata:\n  labels:\n    a: b\n  name: web # mine\n  namespace: shop\n---\nkind: Service\nmetadata:\n  name: "api"\nspec: {}\n---\nkind: half'
    expect(objectsIn(text)).toEqual([
      { kind: 'Pod', name: 'web', namespace: 'shop' },
      { kind: 'Service', name: 'api', namespace: 'default' },
    ])
  })

  it('leaves the status out', () => {
    expect(withoutStatus('kind: Pod\nspec:\n  a: 1\nstatus:\n  phase: Running\n  x:\n  - y\n')).toBe('kind: Pod\nspec:\n  a: 1\n')
  })
})

describe('[E5] Enter', () => {
  it.each([
    ['kind: Pod', ''],
    ['spec:', '  '],
    ['  containers:', '    '],
    ['  - name: web', '    '],
    ['  - containers:', '      '],
    ['  text: |', '    '],
  ])('after %j begins with %j', (line, indent) => {
    expect(indentAfter(line)).toBe(indent)
  })
})

describe('the editor’s text', () => {
  it('[E1] leaves out documents that no API server knows, and keeps the rest as written', () => {
    const text = `kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n---\n# the app\napiVersion: v1\nkind: Pod\n---\napiVersion: podpath.dev/v1alpha1\nkind: Scenario\n`
    expect(withoutOwnKinds(text)).toBe('# the app\napiVersion: v1\nkind: Pod\n')
  })

  it('[E2] is untouched when there is nothing to leave out', () => {
    const text = 'apiVersion: v1\nkind: Pod\n---\napiVersion: v1\nkind: Service\n'
    expect(withoutOwnKinds(text)).toBe(text)
  })

  it('[E3] takes a template as one more document', () => {
    const template = TEMPLATES[0]?.text ?? ''
    expect(withDocument('', template)).toBe(template)
    expect(withDocument('kind: Pod\n\n', template)).toBe(`kind: Pod\n---\n${template}`)
  })

  it('[E4] is checked against a schema that knows our kinds, too', () => {
    const schema = withOurKinds({ properties: { kind: { enum: ['Pod'] }, apiVersion: { enum: ['v1'] } }, allOf: [] })
    const kind = schema.properties?.['kind']
    expect(typeof kind === 'object' ? kind.enum : []).toEqual([
      'Pod',
      'Cluster',
      'KubeProxyConfiguration',
      'KubeSchedulerConfiguration',
      'Scenario',
    ])
  })
})
