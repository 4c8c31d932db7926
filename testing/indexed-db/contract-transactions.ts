/**
 * Owns what every engine does with transactions, as far as the house relies on it: run over the twin in
 * Node, and over the real ones in browsers.
 */
import {
  answer,
  type EngineCase,
  end,
  keys,
  nameOf,
  openNotes,
  sayName,
  write,
} from './contract-bed.js'

export const transactionCases: readonly EngineCase[] = [
  {
    title:
      'a transaction takes requests in its own turn and in those of its answers, and ends then',
    async run(name, say) {
      const database = await openNotes(name)
      const notes = write(database)
      const over = end(notes.transaction)
      await answer(notes.put(1, 'a'))
      say('a')
      await null
      await answer(notes.put(2, 'b'))
      say('b')
      say(await over)
      say(nameOf(() => notes.put(3, 'c')))
      say(nameOf(() => notes.transaction.abort()))
      say(nameOf(() => notes.transaction.commit()))
      say(nameOf(() => notes.transaction.objectStore('notes')))
      say(await keys(database))
      database.close()
    },
    said: [
      ...['a', 'b', 'complete', 'TransactionInactiveError'],
      ...['InvalidStateError', 'InvalidStateError', 'InvalidStateError', '["a","b"]'],
    ],
  },
  {
    title: 'a transaction that was asked for nothing completes',
    async run(name, say) {
      const database = await openNotes(name)
      say(await end(database.transaction('notes')))
      database.close()
    },
    said: ['complete'],
  },
  {
    title: 'nothing is taken in a turn in between',
    async run(name, say) {
      const database = await openNotes(name)
      const notes = write(database)
      const other = answer(database.transaction('events').objectStore('events').getAll())
      const over = end(notes.transaction)
      let isFirst = true
      const request = notes.put(1, 'a')
      request.addEventListener('success', () => {
        isFirst = false
      })
      await other
      if (isFirst) say(nameOf(() => notes.put(2, 'b')))
      else say('TransactionInactiveError')
      say(await over)
      database.close()
    },
    said: ['TransactionInactiveError', 'complete'],
  },
  {
    title: 'requests are answered in their order, and then it is complete',
    async run(name, say) {
      const database = await openNotes(name)
      const notes = write(database)
      const over = end(notes.transaction)
      const asked = [notes.put(1, 'a'), notes.get('a'), notes.delete('a'), notes.get('a')]
      for (const request of asked) void answer(request).then((it) => say(JSON.stringify(it) ?? '–'))
      notes.transaction.commit()
      say(nameOf(() => notes.put(1, 'late')))
      say(await over)
      database.close()
    },
    said: ['TransactionInactiveError', '"a"', '1', '–', '–', 'complete'],
  },
  {
    title: 'one request that fails undoes all, and speaks before its transaction does',
    async run(name, say) {
      const database = await openNotes(name)
      await answer(write(database).put(0, 'a'))
      const notes = write(database)
      const over = end(notes.transaction)
      notes.put(1, 'b')
      notes.delete('a')
      notes.put(1, 'c')
      const taken = notes.add(2, 'c')
      taken.addEventListener('error', () => {
        say(taken.error?.name ?? 'none')
        void Promise.resolve().then(() => say(`promise, ${notes.transaction.error?.name}`))
      })
      notes.transaction.addEventListener('error', () =>
        say(`transaction, ${notes.transaction.error?.name}`),
      )
      const behind = notes.get('a')
      behind.addEventListener('error', () => say(`behind ${behind.error?.name}`))
      say(await over)
      say(await keys(database))
      database.close()
    },
    said: [
      ...['ConstraintError', 'promise, undefined', 'transaction, undefined'],
      ...['behind AbortError', 'transaction, ConstraintError', 'abort ConstraintError', '["a"]'],
    ],
  },
  {
    title: 'one that is aborted takes along what it was asked, and leaves nothing',
    async run(name, say) {
      const database = await openNotes(name)
      const notes = write(database)
      const over = end(notes.transaction)
      await answer(notes.put(1, 'a'))
      const asked = answer(notes.put(2, 'b')).catch(sayName(say))
      notes.transaction.abort()
      say(nameOf(() => notes.transaction.abort()))
      say(nameOf(() => notes.put(2, 'b')))
      await asked
      say(await over)
      say(await keys(database))
      database.close()
    },
    said: ['InvalidStateError', 'TransactionInactiveError', 'AbortError', 'abort null', '[]'],
  },
  {
    title: 'who reads or writes a store follows whoever writes it, over all connections',
    async run(name, say) {
      const [one, other] = [await openNotes(name), await openNotes(name)]
      const [first, second] = [write(one), write(other)]
      const reads = answer(second.get('a')).then((it) => say(`second finds ${it}`))
      second.put(2, 'b')
      const later = answer(one.transaction('notes').objectStore('notes').get('b'))
      for (let i = 0; i < 5; i++) await answer(first.put(i, 'a'))
      say('first has written')
      await reads
      say(`the reader finds ${await later}`)
      one.close()
      other.close()
    },
    said: ['first has written', 'second finds 4', 'the reader finds 2'],
  },
  {
    title: 'what is put is what it was then, and what is found is a copy',
    async run(name, say) {
      const database = await openNotes(name)
      const notes = write(database)
      const note = { text: 'first', tags: ['a', { n: 1 }], none: undefined }
      notes.put(note, 'a')
      note.text = 'changed'
      const found = await answer<typeof note>(notes.get('a'))
      say(JSON.stringify(found))
      say(String('none' in found))
      found.tags.push('mine')
      say(JSON.stringify(await answer(notes.get('a'))))
      database.close()
    },
    said: [
      '{"text":"first","tags":["a",{"n":1}]}',
      'true',
      '{"text":"first","tags":["a",{"n":1}]}',
    ],
  },
  {
    title: 'rows lie in the order of their keys, and a range takes those between',
    async run(name, say) {
      const database = await openNotes(name)
      const notes = write(database)
      for (const key of [['a'], 'b', 10, 'B', ['a', 2], -1, '', 2, [], ['a', 'x'], 'bb'])
        notes.put(0, key)
      say(JSON.stringify(await answer(notes.getAllKeys())))
      const events = write(database, 'events')
      for (const n of [3, 1, 2, 10]) events.put({ channel: 'a', n })
      events.put({ channel: 'aa', n: 1 })
      events.put({ channel: 'b', n: 0 })
      await answer(events.delete(IDBKeyRange.bound(['a'], ['a', 3], false, true)))
      say(JSON.stringify(await answer(events.getAllKeys())))
      say(JSON.stringify(await answer(events.getAll(IDBKeyRange.bound(['a'], ['a', Infinity])))))
      await answer(events.clear())
      say(JSON.stringify(await answer(events.getAll())))
      database.close()
    },
    said: [
      '[-1,2,10,"","B","b","bb",[],["a"],["a",2],["a","x"]]',
      '[["a",3],["a",10],["aa",1],["b",0]]',
      '[{"channel":"a","n":3},{"channel":"a","n":10}]',
      '[]',
    ],
  },
  {
    title: 'a cursor goes from row to row, and ends behind the last one',
    async run(name, say) {
      const database = await openNotes(name)
      const notes = write(database)
      for (const key of ['b', 'a', 'c']) notes.put({ key }, key)
      const request = notes.openCursor()
      await new Promise<void>((resolve) => {
        request.addEventListener('success', () => {
          const { result } = request
          say(JSON.stringify(result && [result.key, result.value]))
          if (result?.key === 'a') notes.delete('b')
          result?.continue()
          if (result) say(nameOf(() => request.result))
          else resolve()
        })
      })
      say(await end(notes.transaction))
      database.close()
    },
    said: [
      ...['["a",{"key":"a"}]', 'InvalidStateError', '["c",{"key":"c"}]', 'InvalidStateError'],
      ...['null', 'complete'],
    ],
  },
  {
    title: 'what cannot be done is refused at once, and spoils nothing',
    async run(name, say) {
      const database = await openNotes(name)
      say(nameOf(() => database.transaction('nowhere')))
      say(nameOf(() => database.transaction([])))
      say(nameOf(() => database.createObjectStore('late')))
      const read = database.transaction('notes').objectStore('notes')
      say(nameOf(() => read.put(1, 'a')))
      say(nameOf(() => read.transaction.objectStore('events')))
      const [notes, events] = [write(database), write(database, 'events')]
      say(nameOf(() => notes.put(1)))
      say(nameOf(() => notes.put(1, Number.NaN)))
      say(nameOf(() => notes.get(undefined as unknown as string)))
      say(nameOf(() => notes.put(() => {}, 'a')))
      say(nameOf(() => events.put({ channel: 'a', n: 1 }, 'a')))
      say(nameOf(() => events.put({ channel: 'a' })))
      say(nameOf(() => IDBKeyRange.bound(2, 1)))
      say(await end(notes.transaction))
      database.close()
      say(nameOf(() => database.transaction('notes')))
    },
    said: [
      ...['NotFoundError', 'InvalidAccessError', 'InvalidStateError'],
      ...['ReadOnlyError', 'NotFoundError'],
      ...['DataError', 'DataError', 'DataError', 'DataCloneError', 'DataError', 'DataError'],
      ...['DataError', 'complete', 'InvalidStateError'],
    ],
  },
]
