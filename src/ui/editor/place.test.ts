import { describe, expect, it } from 'vitest'
import { lineOfField, lineOfService, objectAt, placesIn } from './place.js'

const TEXT = `# a comment
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    name: not-this
  name: web
--- # next
apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: shop
spec:
  ports:
  - name: http
    port: 80
  - port: 8080
`

describe('places in a text', () => {
  it('[PLACE4] finds a field of a Service by its name or the end of it', () => {
    const text = `${TEXT}  externalTrafficPolicy: Local\n`
    expect(lineOfField(text, 'shop/web', 'TrafficPolicy')).toBe(19)
    expect(lineOfField(text, 'shop/web', 'selector')).toBeUndefined()
    expect(lineOfField(text, 'default/web', 'ports')).toBeUndefined()
  })

  it('[PLACE1] finds each document, its object and the lines it takes', () => {
    expect(placesIn(TEXT)).toEqual([
      { kind: 'Deployment', namespace: 'default', name: 'web', line: 3, from: 1, to: 7 },
      { kind: 'Service', namespace: 'shop', name: 'web', line: 10, from: 9, to: 19 },
    ])
    expect(objectAt(TEXT, 6)?.kind).toBe('Deployment')
    expect(objectAt(TEXT, 17)?.kind).toBe('Service')
  })

  it("[PLACE2] finds the line of a Service's port", () => {
    expect(lineOfService(TEXT, 'shop/web', 80)).toBe(17)
    expect(lineOfService(TEXT, 'shop/web', 8080)).toBe(18)
    expect(lineOfService(TEXT, 'shop/web', 443)).toBe(10)
    expect(lineOfService(TEXT, 'default/web', 80)).toBeUndefined()
  })

  it('[PLACE3] half-written text has no places, and nothing breaks', () => {
    expect(placesIn('')).toEqual([])
    expect(placesIn('kind: Service\nmetadata:\n  na')).toEqual([])
  })
})
