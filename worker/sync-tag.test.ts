import { describe, expect, it } from 'vitest'
import { lineName } from '../protocol/line-name.js'
import { parseSyncTag } from './sync-tag.js'

const url = 'wss://app.example/line'

describe('the tag of a background sync', () => {
  it('[P13] says which line and whose data it is', () => {
    for (const address of [{ url }, { url, identity: 'ann' }, { url, identity: '' }]) {
      expect(parseSyncTag(lineName(address))).toEqual(address)
    }
  })

  it.each([
    '',
    'photos',
    'workbox-background-sync:queue',
    'partyline:',
    'partyline:null',
    'partyline:{}',
    'partyline:[]',
    'partyline:[1]',
    'partyline:["wss://app.example/line",null]',
    'partyline:["wss://app.example/line","ann","more"]',
    'partyline: ["wss://app.example/line"]',
    'partyline:["wss://app.example/line"] ',
    'partyline:["wss:\\/\\/app.example/line"]',
    'partyline:["https://app.example/line"]',
    'partyline:["/line"]',
    'Partyline:["wss://app.example/line"]',
  ])('%j is not ours', (tag) => {
    expect(parseSyncTag(tag)).toBeUndefined()
  })
})
