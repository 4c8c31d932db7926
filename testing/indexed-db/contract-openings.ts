/**
 * Owns what every engine does when databases are opened, upgraded and deleted, as far as the house relies
 * on it: run over the twin in Node, and over the real ones in browsers.
 */
import { answer, type EngineCase, end, keys, openNotes, sayName, write } from './contract-bed.js'

function tell(request: IDBOpenDBRequest, say: (word: string) => void, who: string): void {
  for (const type of ['upgradeneeded', 'blocked', 'success'] as const) {
    request.addEventListener(type, (event) => {
      const isVersioned = event instanceof Object && 'oldVersion' in event && type !== 'success'
      say(`${who} ${type}${isVersioned ? ` ${event.oldVersion}` : ''}`)
    })
  }
  request.addEventListener('error', () => say(`${who} ${request.error?.name}`))
}

const over = (request: IDBOpenDBRequest): Promise<IDBDatabase | undefined> =>
  answer(request).catch(() => undefined)

export const openingCases: readonly EngineCase[] = [
  {
    title: 'a new database is upgraded from nothing, and opened when that is complete',
    async run(name, say) {
      const request = indexedDB.open(name, 3)
      tell(request, say, 'it')
      request.addEventListener('upgradeneeded', () => {
        const { result, transaction } = request
        say(`${result.version} ${transaction?.mode}`)
        result.createObjectStore('notes').put(1, 'a')
        transaction?.addEventListener('complete', () => say('complete'))
      })
      const database = await answer(request)
      say(`${request.transaction} ${await keys(database)}`)
      database.close()
    },
    said: ['it upgradeneeded 0', '3 versionchange', 'complete', 'it success', 'null ["a"]'],
  },
  {
    title: 'an older version is refused, the same one and any one is opened as it is',
    async run(name, say) {
      const older = await openNotes(name, 2)
      await openNotes(name, 1).catch(sayName(say))
      const [same, any] = [await openNotes(name, 2), await answer(indexedDB.open(name))]
      say(`${same.version} ${any.version}`)
      for (const one of [older, same, any]) one.close()
    },
    said: ['VersionError', '2 2'],
  },
  {
    title: 'who has it is told of a newer version; if all let go, nobody is blocked',
    async run(name, say) {
      const old = await openNotes(name)
      old.addEventListener('versionchange', ({ oldVersion, newVersion }) => {
        say(`${oldVersion} to ${newVersion}`)
        old.close()
      })
      const request = indexedDB.open(name, 2)
      tell(request, say, 'newer')
      ;(await answer(request)).close()
    },
    said: ['1 to 2', 'newer upgradeneeded 1', 'newer success'],
  },
  {
    title: 'a newer version waits for who does not let go, and for what that one has begun',
    async run(name, say) {
      const old = await openNotes(name)
      const request = indexedDB.open(name, 2)
      tell(request, say, 'newer')
      const isBlocked = new Promise((resolve) => request.addEventListener('blocked', resolve))
      const behind = indexedDB.open(name)
      tell(behind, say, 'behind')
      await isBlocked
      const notes = write(old)
      void end(notes.transaction).then(say)
      const put = answer(notes.put(1, 'a')).then(() => say('put'))
      old.close()
      await put
      const opened = [await answer(request), await answer(behind)]
      for (const one of opened) one.close()
    },
    said: [
      ...['newer blocked 1', 'put', 'complete'],
      ...['newer upgradeneeded 1', 'newer success', 'behind success'],
    ],
  },
  {
    title: 'an upgrade that is aborted leaves the version and the stores as they were',
    async run(name, say) {
      ;(await openNotes(name)).close()
      const request = indexedDB.open(name, 2)
      request.addEventListener('upgradeneeded', () => {
        request.result.createObjectStore('more')
        request.transaction?.objectStore('notes').put(1, 'a')
        request.transaction?.abort()
      })
      await answer(request).catch(sayName(say))
      const database = await openNotes(name)
      say(`${database.version} ${[...database.objectStoreNames]} ${await keys(database)}`)
      database.close()
    },
    said: ['AbortError', '1 events,notes []'],
  },
  {
    title:
      'a database that was closed in its upgrade is not given out, and is upgraded all the same',
    async run(name, say) {
      const request = indexedDB.open(name, 2)
      tell(request, say, 'first')
      request.addEventListener('upgradeneeded', () => {
        request.result.createObjectStore('notes')
        request.result.close()
      })
      await over(request)
      const database = await answer(indexedDB.open(name))
      say(`${database.version} ${[...database.objectStoreNames]}`)
      database.close()
    },
    said: ['first upgradeneeded 0', 'first AbortError', '2 notes'],
  },
  {
    title: 'who has a database is told that it is to be deleted; then it begins from nothing',
    async run(name, say) {
      const old = await openNotes(name, 4)
      old.addEventListener('versionchange', ({ newVersion }) => {
        say(String(newVersion))
        old.close()
      })
      const gone = indexedDB.deleteDatabase(name)
      const next = indexedDB.open(name, 1)
      tell(next, say, 'next')
      say(String(await answer(gone)))
      ;(await answer(next)).close()
    },
    said: ['null', 'undefined', 'next upgradeneeded 0', 'next success'],
  },
]
