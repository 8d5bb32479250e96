import type { DocumentOptions, ParseOptions, ScalarTag, SchemaOptions } from 'yaml'

/**
 * How Kubernetes' tools read plain scalars: between YAML 1.1 and 1.2. `yes`, `no`, `on`, `off` are booleans, a leading zero is octal, time
 * stamps and `80:80` stay strings.
 * Source: sigs.k8s.io/yaml goyaml.v2/resolve.go
 */
const legacyBoolean: ScalarTag = {
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  test: /^(?:[Yy]es|YES|[Oo]n|ON|[Nn]o|NO|[Oo]ff|OFF)$/,
  resolve: (text) => /^(?:yes|on)$/i.test(text),
}

const legacyOctal: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+]?0[0-7]+$/,
  resolve: (text) => Number.parseInt(text, 8),
}

const binaryInt: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+]?0b[01]+$/,
  resolve: (text) => (text.startsWith('-') ? -1 : 1) * Number.parseInt(text.replace(/^[-+]?0b/, ''), 2),
}

const underscored: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+]?[1-9][0-9]*(?:_[0-9]+)+$/,
  resolve: (text) => Number(text.replaceAll('_', '')),
}

export const YAML_OPTIONS: ParseOptions & DocumentOptions & SchemaOptions = {
  version: '1.2',
  schema: 'core',
  merge: true,
  // Looked for by ourselves: the reader compares every key with every other one.
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: 'silent',
  strict: true,
  customTags: (tags) => [legacyBoolean, legacyOctal, binaryInt, underscored, ...tags],
}
