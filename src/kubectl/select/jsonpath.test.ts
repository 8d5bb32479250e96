import { describe, expect, it } from 'vitest'
import { runGoTemplate } from './goTemplate.js'
import { runJsonPath } from './jsonpath.js'

const data = {
  kind: 'List',
  items: [
    { metadata: { name: 'a', labels: { 'app.kubernetes.io/name': 'x' } }, spec: { n: 1, ports: [{ port: 80 }, { port: 443 }] } },
    { metadata: { name: 'b' }, spec: { n: 2 } },
  ],
}

const shown = (template: string): string => {
  const result = runJsonPath(template, data)
  return result.ok ? result.value : `error: ${result.error}`
}

describe('jsonpath', () => {
  it.each([
    ['{.kind}', 'List'],
    ['{.items[*].metadata.name}', 'a b'],
    ['{range .items[*]}{.metadata.name}{"\\t"}{.spec.n}{"\\n"}{end}', 'a\t1\nb\t2\n'],
    ['{.items[?(@.spec.n==2)].metadata.name}', 'b'],
    ['{.items[?(@.metadata.name=="a")].spec.n}', '1'],
    ['{.items[-1].metadata.name}', 'b'],
    ['{.items[0:1].metadata.name}', 'a'],
    ["{.items[0]['metadata.name','spec.n']}", ''],
    ['{..port}', '80 443'],
    ['{.items[0].metadata.labels.app\\.kubernetes\\.io/name}', 'x'],
    ["{.items[0].metadata.labels['app\\.kubernetes\\.io/name']}", 'x'],
    ['{.items[0].spec.ports}', '[{"port":80},{"port":443}]'],
    ['name={.items[1].metadata.name}', 'name=b'],
    ['{.items[*', 'error: error parsing jsonpath {.items[*, unterminated array'],
  ])('[KJ1] %s', (template, text) => {
    expect(shown(template)).toBe(text)
  })
})

describe('go-template', () => {
  it('[KJ2] ranges, tests and prints', () => {
    const template =
      '{{range .items}}{{if eq .metadata.name "a"}}*{{else}}-{{end}}{{.metadata.name}}={{.spec.n}};{{end}}{{len .items}}'
    expect(runGoTemplate(template, data)).toEqual({ ok: true, value: '*a=1;-b=2;2' })
  })
})
