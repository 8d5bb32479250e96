/**
 * Rules for names, each giving the API server's words for what is wrong, or undefined.
 * Source: apimachinery pkg/util/validation/validation.go
 */

const LABEL_1123 = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const SUBDOMAIN_1123 = `${LABEL_1123}(\\.${LABEL_1123})*`
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?'
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'

const LABEL_RE = new RegExp(`^${LABEL_1123}$`)
const SUBDOMAIN_RE = new RegExp(`^${SUBDOMAIN_1123}$`)
const LABEL_1035_RE = new RegExp(`^${LABEL_1035}$`)
const QUALIFIED_RE = new RegExp(`^${QUALIFIED}$`)
const LABEL_VALUE_RE = new RegExp(`^(${QUALIFIED})?$`)

const LABEL_TEXT =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character"
const SUBDOMAIN_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"
const LABEL_1035_TEXT =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character"
const QUALIFIED_TEXT =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
const LABEL_VALUE_TEXT =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"

export function tooLong(max: number): string {
  return `must be no more than ${max} characters`
}

export function tooLongBytes(max: number): string {
  return `must be no more than ${max} bytes`
}

function regexText(text: string, regex: string, ...examples: readonly string[]): string {
  const samples = examples.map((each) => `'${each}', `).join(' or ')
  return `${text} (e.g. ${samples}regex used for validation is '${regex}')`
}

export function labelFaults(name: string): string[] {
  return [
    ...(name.length > 63 ? [tooLong(63)] : []),
    ...(LABEL_RE.test(name)
      ? []
      : // A subdomain that is no label has dots in it.
        [SUBDOMAIN_RE.test(name) ? 'must not contain dots' : regexText(LABEL_TEXT, LABEL_1123, 'my-name', '123-abc')]),
  ]
}

export function subdomainFaults(name: string): string[] {
  return [
    ...(name.length > 253 ? [tooLong(253)] : []),
    ...(SUBDOMAIN_RE.test(name) ? [] : [regexText(SUBDOMAIN_TEXT, SUBDOMAIN_1123, 'example.com')]),
  ]
}

/** Of a DNS search path, which may have underscores and end in a dot. Source: IsDNS1123SubdomainWithUnderscore */
export function searchPathFaults(path: string): string[] {
  const name = path === '.' ? 'a' : path.replace(/\.$/, '')
  const label = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
  const regex = `${label}(\\.${label})*`
  const text =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
  return [
    ...(name.length > 253 ? [tooLong(253)] : []),
    ...(new RegExp(`^${regex}$`).test(name) ? [] : [regexText(text, regex, 'example.com')]),
  ]
}

export function label1035Faults(name: string): string[] {
  return [
    ...(name.length > 63 ? [tooLong(63)] : []),
    ...(LABEL_1035_RE.test(name) ? [] : [regexText(LABEL_1035_TEXT, LABEL_1035, 'my-name', 'abc-123')]),
  ]
}

/** What is wrong with `prefix/name`, as label and annotation keys are written. Source: IsQualifiedName */
export function qualifiedNameFaults(value: string): string[] {
  const parts = value.split('/')
  const faults: string[] = []
  if (parts.length > 2) {
    return [
      `a valid label key ${regexText(QUALIFIED_TEXT, QUALIFIED, 'MyName', 'my.name', '123-abc')} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ]
  }
  const name = parts[parts.length - 1] ?? ''
  if (parts.length === 2) {
    const prefix = parts[0] ?? ''
    if (prefix.length === 0) faults.push('prefix part must be non-empty')
    else faults.push(...subdomainFaults(prefix).map((each) => `prefix part ${each}`))
  }
  if (name.length === 0) faults.push('name part must be non-empty')
  else if (name.length > 63) faults.push(`name part ${tooLong(63)}`)
  if (!QUALIFIED_RE.test(name)) faults.push(`name part ${regexText(QUALIFIED_TEXT, QUALIFIED, 'MyName', 'my.name', '123-abc')}`)
  return faults
}

export function labelKeyFault(key: string): string | undefined {
  const faults = qualifiedNameFaults(key)
  return faults.length === 0 ? undefined : faults.join('; ')
}

export function labelValueFaults(value: string): string[] {
  return [
    ...(value.length > 63 ? [tooLongBytes(63)] : []),
    ...(LABEL_VALUE_RE.test(value) ? [] : [regexText(LABEL_VALUE_TEXT, `(${QUALIFIED})?`, 'MyValue', 'my_value', '12345')]),
  ]
}

export function labelValueFault(value: string): string | undefined {
  const faults = labelValueFaults(value)
  return faults.length === 0 ? undefined : faults.join('; ')
}

/** Source: IsValidPortName */
export function portNameFaults(name: string): string[] {
  const faults: string[] = []
  if (name.length > 15) faults.push(tooLong(15))
  if (!/^[-a-z0-9]+$/.test(name)) faults.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(name)) faults.push('must contain at least one letter (a-z)')
  if (name.includes('--')) faults.push('must not contain consecutive hyphens')
  if (name.startsWith('-') || name.endsWith('-')) faults.push('must not begin or end with a hyphen')
  return faults
}

/** Source: IsConfigMapKey */
export function configMapKeyFaults(key: string): string[] {
  const faults: string[] = []
  if (key.length > 253) faults.push(tooLong(253))
  if (!/^[-._a-zA-Z0-9]+$/.test(key)) {
    faults.push(
      regexText(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
        '[-._a-zA-Z0-9]+',
        'key.name',
        'KEY_NAME',
        'key-name',
      ),
    )
  }
  if (key === '.') faults.push("must not be '.'")
  if (key === '..') faults.push("must not be '..'")
  else if (key.startsWith('..')) faults.push("must not start with '..'")
  return faults
}

/** Source: IsRelaxedEnvVarName, in force since 1.32: all printable ASCII but `=`. */
export function envNameFaults(name: string): string[] {
  if (name.length === 0) return ['environment variable name must be non-empty']
  if (!/^[ -<>-~]+$/.test(name)) {
    return [
      regexText(
        "a valid environment variable name must consist only of printable ASCII characters other than '='",
        '[ -<>-~]+',
      ).replace('(e.g. regex', '(regex'),
    ]
  }
  return []
}

/** Source: apimachinery pkg/api/validation/path/name.go IsValidPathSegmentName */
export function pathSegmentFaults(text: string): readonly string[] {
  if (text === '.' || text === '..') return [`may not be '${text}'`]
  return ['/', '%'].filter((each) => text.includes(each)).map((each) => `may not contain '${each}'`)
}
