import { expect, it } from 'vitest'
import { createNetState } from '../state.js'
import { EMPTY_RULESET, setRuleset } from './ruleset.js'
import { parseIptablesSave } from './save.js'

function rules(...lines: readonly string[]) {
  const parsed = parseIptablesSave(
    `*filter\n:INPUT ACCEPT [0:0]\n:OTHER - [0:0]\n${lines.map((line) => `${line}\n`).join('')}COMMIT\n`,
  )
  if (!parsed.ok) throw new Error(parsed.error.message)
  return parsed.value
}

const SET = '-A INPUT -m recent --set --name seen --mask 255.255.255.255 --rsource'
const ASK = '-A OTHER -m recent --rcheck --name seen --mask 255.255.255.255 --rsource'

it('[RL1] a list of "recent" is there for as long as a rule of either family names it', () => {
  const net = createNetState()
  const held = (): readonly string[] => [...(net.recent.get('node1')?.keys() ?? [])]
  setRuleset(net, 'node1', rules(SET))
  net.recent.set(
    'node1',
    new Map([
      ['seen 10.0.0.1', { stamps: [1] }],
      ['limit filter INPUT 1', { stamps: [1] }],
    ]),
  )
  setRuleset(net, 'node1', rules(ASK))
  expect(held()).toContain('seen 10.0.0.1')
  setRuleset(net, 'node1', rules(ASK), 6)
  setRuleset(net, 'node1', EMPTY_RULESET)
  expect(held()).toContain('seen 10.0.0.1')
  setRuleset(net, 'node1', EMPTY_RULESET, 6)
  expect(held()).toEqual(['limit filter INPUT 1'])
  setRuleset(net, 'node1', rules(SET))
  expect(held()).toEqual(['limit filter INPUT 1'])
})
