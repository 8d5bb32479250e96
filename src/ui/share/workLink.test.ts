import { describe, expect, it } from 'vitest'
import { workFromLink, workToLink } from './workLink.js'

const NOTHING = { storyStep: 0, predictions: {}, handedInBy: '' }

describe('the work in a link', () => {
  it('comes back as it was, and takes no room where nothing was done', () => {
    const work = { storyStep: 2, predictions: { 0: '2', 1: 'no' }, handedInBy: 'B11902001 王小明' }
    expect(workFromLink(workToLink(work))).toEqual(work)
    expect(workToLink(NOTHING)).toEqual({})
  })

  it('leaves out what cannot be understood', () => {
    expect(workFromLink({})).toEqual(NOTHING)
    expect(workFromLink({ story: '-1', predictions: '{"0":1,"__proto__":"x","a":"b"}', by: ' \n ' })).toEqual(NOTHING)
    expect(workFromLink({ story: '1e9', predictions: '[]', by: 'x'.repeat(500) }).handedInBy).toHaveLength(80)
    expect(workFromLink({ predictions: 'null' }).predictions).toEqual({})
  })
})
