import { isRecord } from '../../../scenario/index.js'
import type { CommandInput, CommandOutput } from '../../command.js'
import { failed } from '../../command.js'
import { plainError } from '../../errors.js'
import { fetchTargets, isError } from '../../targets.js'
import { Writing } from '../../writing.js'
import { chooseBuilt } from '../change.js'
import { submit } from '../submit.js'
import { pairProblem, resourcesAndPairs } from './pairs.js'
import type { Container } from './podTemplate.js'
import { containersIn, podSpecOf, withPodSpec } from './podTemplate.js'

/** `kubectl set image`. Source: kubernetes kubectl pkg/cmd/set/set_image.go */
export function setImage(input: CommandInput, words: readonly string[]): CommandOutput {
  const split = resourcesAndPairs(words, 'image')
  if ('problem' in split) return failed(plainError(split.problem))
  const wrong = pairProblem(split.pairs, 'image')
  if (wrong !== undefined) return failed(plainError(wrong))
  const chosen = chooseBuilt(input, split.resources)
  if (isError(chosen)) return failed(chosen)
  const { found, errors } = fetchTargets(input, chosen.targets)
  if (errors.length > 0) return failed(...errors)
  const images = new Map(split.pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]))
  if (images.size === 0) return failed(plainError('at least one image update is required'))
  if (images.size > 1 && images.has('*')) {
    const problem = 'all containers are already specified by *, but saw more than one container_name=container_image pairs'
    return failed(plainError(problem))
  }
  const writing = new Writing(input)
  for (const each of found) {
    const spec = podSpecOf(each)
    if (spec === undefined) continue
    const names = [...containersIn(spec, 'containers'), ...containersIn(spec, 'initContainers')].map(({ name }) => name)
    for (const name of images.keys()) {
      if (name !== '*' && !names.includes(name)) {
        writing.errors.push(plainError(`error: unable to find container named ${JSON.stringify(name)}`))
      }
    }
    const after = withPodSpec(each, withImages(spec, images))
    const doing = 'failed to patch image update to pod template'
    submit(writing, input, each, { after, how: { done: 'image updated', manager: 'kubectl-set', doing } })
  }
  return writing.result()
}

function withImages(spec: Container, images: ReadonlyMap<string, string>): Container {
  const changed = (list: unknown): unknown =>
    Array.isArray(list)
      ? list.filter(isRecord).map((each) => {
          const image = images.get(String(each['name'])) ?? images.get('*')
          return image === undefined ? each : { ...each, image }
        })
      : list
  const { containers, initContainers } = spec
  return {
    ...spec,
    ...(containers === undefined ? {} : { containers: changed(containers) }),
    ...(initContainers === undefined ? {} : { initContainers: changed(initContainers) }),
  }
}
