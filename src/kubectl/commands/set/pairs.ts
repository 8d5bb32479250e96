export interface ResourcesAndPairs {
  readonly resources: readonly string[]
  readonly pairs: readonly string[]
}

/** Splits `deployment web a=1 b-` into what names objects and what changes them. Source: kubernetes kubectl pkg/cmd/util/helpers.go GetResourcesAndPairs */
export function resourcesAndPairs(words: readonly string[], type: string): ResourcesAndPairs | { readonly problem: string } {
  const isPair = (word: string): boolean => word.indexOf('=') > 0 || (word.endsWith('-') && word !== '-')
  const first = words.findIndex(isPair)
  if (first < 0) return { resources: words, pairs: [] }
  const late = words.slice(first).find((word) => !isPair(word))
  if (late !== undefined) return { problem: `all resources must be specified before ${type} changes: ${late}` }
  return { resources: words.slice(0, first), pairs: words.slice(first) }
}

/** The pairs that are none, said as kubectl says it; undefined when all are. Source: kubernetes kubectl pkg/cmd/util/helpers.go ParsePairs */
export function pairProblem(pairs: readonly string[], type: string): string | undefined {
  const wrong = pairs.filter((pair) => pair.indexOf('=') <= 0)
  return wrong.length === 0 ? undefined : `invalid ${type} format: ${wrong.join(', ')}`
}
