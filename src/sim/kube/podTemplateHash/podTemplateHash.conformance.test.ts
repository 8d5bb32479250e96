import { expect, test } from 'vitest'
import type { PodTemplateSpec } from '../../../generated/kubeTypes.js'
import revisions from './conformance/data/revisions.json' with { type: 'json' }
import templates from './conformance/data/templates.json' with { type: 'json' }
import { goText } from './goText.js'
import { podTemplateHash, revisionHash } from './podTemplateHash.js'

for (const each of templates) {
  test(`pod-template-hash of ${each.id}`, () => {
    const template = each.template as unknown as PodTemplateSpec
    expect(goText(template, 'v1.PodTemplateSpec')).toBe(each.preimage)
    expect(podTemplateHash(template, each.collisionCount ?? undefined)).toBe(each.hash)
  })
}

for (const each of revisions) {
  test(`revision hash of ${each.kind} ${each.name}`, () => {
    if (each.kind === 'StatefulSet') {
      const text = each.preimage.slice(0, -1)
      expect(revisionHash(JSON.parse(text))).toBe(each.hash)
    } else {
      const data = each.data as unknown as { spec: { template: PodTemplateSpec } }
      expect(podTemplateHash(data.spec.template)).toBe(each.hash)
    }
  })
}
