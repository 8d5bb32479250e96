import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { DEFAULT_KUBERNETES, dataPath, readCluster, readData } from '../../../../testing/kubeProxy/load.js'
import { comparableNft, fixedBlocks } from '../../../../testing/kubeProxy/nftForm.js'
import { openRestored } from '../../../../testing/kubeProxy/restored.js'
import { tellCounts } from '../../../../testing/tellCounts.js'
import { IP_FAMILIES } from '../address.js'
import { DEFAULT_PROXY_CONFIGURATION } from '../configuration.js'
import { printNftables } from '../nftables/print.js'
import { writeNftables } from '../nftables/table.js'
import { proxyNodeOf } from '../node.js'
import { rulesText } from '../rulesText.js'

tellCounts('rules-real/nftables')

describe('rules that the real kube-proxy wrote (nftables)', () => {
  for (const name of readdirSync(dataPath('rules-real')).toSorted()) {
    const files = readdirSync(dataPath(`rules-real/${name}`))
    for (const file of files.filter((each) => each.endsWith('.nft'))) {
      const nodeName = file.replace('.nft', '')
      it(`${name} on ${nodeName}`, () => {
        const { nodes, services } = readCluster(readData(`rules-real/${name}/manifests.yaml`), [DEFAULT_KUBERNETES])
        const node = nodes.find((each) => each.metadata?.name === nodeName)
        if (node === undefined) throw new Error(`no Node ${nodeName}`)
        const tables = IP_FAMILIES.map((family) =>
          writeNftables({
            family,
            node: proxyNodeOf(node),
            configuration: DEFAULT_PROXY_CONFIGURATION,
            services,
            serviceCIDRs: ['10.96.0.0/12'],
          }),
        )
        const real = readData(`rules-real/${name}/${file}`)
        expect(comparableNft(printNftables(tables))).toEqual(comparableNft(real))
        expect(fixedBlocks(printNftables(tables))).toEqual(fixedBlocks(real))
      })
    }
  }
})

describe('rules of a whole cluster as it stands (nftables)', () => {
  for (const name of readdirSync(dataPath('rules-real')).toSorted()) {
    it(name, () => {
      const world = openRestored(readData(`rules-real/${name}/manifests.yaml`), undefined, 'nftables')
      for (const file of readdirSync(dataPath(`rules-real/${name}`)).filter((each) => each.endsWith('.nft'))) {
        const text = rulesText(world, file.replace('.nft', ''))
        expect(comparableNft(text), file).toEqual(comparableNft(readData(`rules-real/${name}/${file}`)))
      }
    })
  }
})
