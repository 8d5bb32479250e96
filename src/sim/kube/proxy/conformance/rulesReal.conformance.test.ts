import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { DEFAULT_KUBERNETES, dataPath, parseSave, readCluster, readData } from '../../../../testing/kubeProxy/load.js'
import { openRestored } from '../../../../testing/kubeProxy/restored.js'
import { tellCounts } from '../../../../testing/tellCounts.js'
import { DEFAULT_PROXY_CONFIGURATION } from '../configuration.js'
import { writeIptables } from '../iptables/ruleset.js'
import { printIptables } from '../iptables/save.js'
import { proxyNodeOf } from '../node.js'
import { rulesText } from '../rulesText.js'

/** Chains in which the order of Services is not stable upstream. */
const UNORDERED = ['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-EXTERNAL-SERVICES', 'KUBE-PROXY-FIREWALL']

function comparable(text: string): Record<string, readonly string[]> {
  const { chains, rules } = parseSave(text)
  const result: Record<string, readonly string[]> = {}
  for (const [place, policy] of chains) {
    const [table = '', chain = ''] = place.split(' ')
    if (table === 'mangle') continue
    const lines = rules.get(place) ?? []
    const isLast = (line: string): boolean => line.includes('must be the last rule')
    const ordered = UNORDERED.includes(chain)
      ? [...lines.filter((line) => !isLast(line)).toSorted(), ...lines.filter(isLast)]
      : lines
    result[`${place} ${policy}`] = ordered
  }
  return result
}

tellCounts('rules-real/iptables')

describe('rules that the real kube-proxy wrote (iptables)', () => {
  for (const name of readdirSync(dataPath('rules-real')).toSorted()) {
    const files = readdirSync(dataPath(`rules-real/${name}`))
    for (const file of files.filter((each) => each.endsWith('.iptables-save'))) {
      const nodeName = file.replace('.iptables-save', '')
      it(`${name} on ${nodeName}`, () => {
        const cluster = readCluster(readData(`rules-real/${name}/manifests.yaml`), [DEFAULT_KUBERNETES])
        const node = cluster.nodes.find((each) => each.metadata?.name === nodeName)
        if (node === undefined) throw new Error(`no Node ${nodeName}`)
        const rules = writeIptables({
          family: 'IPv4',
          node: proxyNodeOf(node),
          configuration: DEFAULT_PROXY_CONFIGURATION,
          services: cluster.services,
        })
        expect(comparable(printIptables(rules))).toEqual(comparable(readData(`rules-real/${name}/${file}`)))
      })
    }
  }
})

describe('rules of a whole cluster as it stands (iptables)', () => {
  for (const name of readdirSync(dataPath('rules-real')).toSorted()) {
    it(name, () => {
      const world = openRestored(readData(`rules-real/${name}/manifests.yaml`))
      const nodes = readdirSync(dataPath(`rules-real/${name}`)).filter((each) => each.endsWith('.iptables-save'))
      for (const file of nodes) {
        const text = rulesText(world, file.replace('.iptables-save', ''))
        expect(comparable(text), file).toEqual(comparable(readData(`rules-real/${name}/${file}`)))
      }
    })
  }
})
