import { create } from 'zustand'
import type { AskedRule } from '../../protocol/index.js'
import { selectThing } from './select.js'

interface Sought {
  readonly node: string
  readonly rule: AskedRule
}

/** A rule that the Rules tab shall show next. */
export const useSought = create<{ readonly sought: Sought | undefined }>()(() => ({ sought: undefined }))

/** What is sought in a Service's rules: of the line from which one came. */
export const useSoughtInService = create<{ readonly service: string; readonly words: string }>()(() => ({
  service: '',
  words: '',
}))

/** Shows a rule where it stands, among the others of its Node, and why it is there. */
export function showRule(node: string, rule: AskedRule): void {
  useSought.setState({ sought: { node, rule } })
  selectThing(`iptables/${node}`, 'rules')
}
