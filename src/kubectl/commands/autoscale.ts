import type { KubeObject } from '../../sim/index.js'
import type { Command, CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import { plainError } from '../errors.js'
import { fetchTargets, isError } from '../targets.js'
import { WRITE_FLAGS } from '../writing.js'
import { chooseBuilt } from './change.js'
import { createMade } from './create.js'

export const autoscale: Command = {
  flags: {
    ...WRITE_FLAGS,
    min: { kind: 'int' },
    max: { kind: 'int' },
    cpu: { kind: 'string' },
    'cpu-percent': { kind: 'int' },
    memory: { kind: 'string' },
    name: { kind: 'string' },
  },
  run,
}

const DEPRECATED =
  "Flag --cpu-percent has been deprecated, Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization or '500m' for milliCPU).\n"

/** Source: kubernetes kubectl pkg/cmd/autoscale/autoscale.go */
function run(input: CommandInput): CommandOutput {
  const warning = input.args.isSet('cpu-percent') ? DEPRECATED : ''
  const output = autoscaled(input)
  return { ...output, stderr: `${warning}${output.stderr ?? ''}` }
}

function autoscaled(input: CommandInput): CommandOutput {
  const { args } = input
  if (!args.isSet('max')) return failed(plainError('required flag(s) "max" not set'))
  const max = Number(args.text('max'))
  const min = Number(args.text('min') ?? -1)
  if (max < 1) return failed(plainError(`--max=MAXPODS is required and must be at least 1, max: ${max}`))
  if (max < min) return failed(plainError(`--max=MAXPODS must be larger or equal to --min=MINPODS, max: ${max}, min: ${min}`))
  const percent = Number(args.text('cpu-percent') ?? -1)
  const cpu = args.text('cpu') ?? ''
  const memory = args.text('memory') ?? ''
  if (percent > 0 && cpu !== '') return failed(plainError('--cpu-percent and --cpu are mutually exclusive'))
  const metrics: object[] = percent > 0 ? [metricOf('cpu', { type: 'Utilization', averageUtilization: percent })] : []
  for (const [name, text] of [['cpu', cpu] as const, ['memory', memory] as const]) {
    if (text === '') continue
    const target = targetOf(name, text.trim())
    if ('problem' in target) return failed(plainError(target.problem))
    metrics.push(metricOf(name, target))
  }
  const named = chooseBuilt(input, args.words)
  if (isError(named)) return failed(named)
  const { found, errors } = fetchTargets(input, named.targets)
  const outputs: CommandOutput[] = []
  for (const { info, object } of found) {
    if (!info.subresources.includes('scale')) {
      const resource = `${info.group}/${info.version}, Resource=${info.resource}`
      const why = `could not find scale subresource for ${resource} in discovery information`
      outputs.push(failed(plainError(`cannot autoscale a ${info.kind}: ${why}`)))
      continue
    }
    const { name } = object.metadata
    const autoscaler: KubeObject = {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: args.text('name') ?? name },
      spec: {
        maxReplicas: max,
        ...(metrics.length === 0 ? {} : { metrics }),
        ...(min > 0 ? { minReplicas: min } : {}),
        scaleTargetRef: { apiVersion: object.apiVersion, kind: object.kind, name },
      },
      status: { currentMetrics: null, desiredReplicas: 0 },
    }
    const isClient = args.text('dry-run') === 'client'
    outputs.push(createMade(input, autoscaler, isClient ? 'created' : 'autoscaled', 'kubectl-autoscale'))
  }
  return {
    stdout: outputs.map((each) => each.stdout ?? '').join(''),
    stderr: outputs.map((each) => each.stderr ?? '').join(''),
    errors: [...outputs.flatMap((each) => each.errors ?? []), ...errors],
  }
}

function metricOf(name: string, target: object): object {
  return { resource: { name, target }, type: 'Resource' }
}

/** `70%` is a utilization, `500m` and `200Mi` an average value; a bare number is in milli-CPU, or mebibytes. */
function targetOf(name: 'cpu' | 'memory', text: string): { readonly type: string } | { readonly problem: string } {
  if (text.endsWith('%')) {
    const number = text.slice(0, -1)
    if (!/^\d+$/.test(number)) return { problem: `invalid percentage value: ${number}` }
    return { type: 'Utilization', averageUtilization: Number(number) } as { readonly type: string }
  }
  const isBare = /^\d+(?:\.\d+)?$/.test(text)
  if (!isBare && !/^[+-]?(?:\d+\.?\d*|\.\d+)(?:m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|n|u|e\d+)$/.test(text)) {
    return { problem: `invalid resource ${name} value: ${text}` }
  }
  const averageValue = isBare ? `${Number(text)}${name === 'cpu' ? 'm' : 'Mi'}` : text
  return { type: 'AverageValue', averageValue } as { readonly type: string }
}
