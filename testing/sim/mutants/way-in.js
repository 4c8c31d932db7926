/** Owns the planted bugs on the way in: cursors, parcels, gaps and consumers (P6–P8). */

/** @type {readonly import('./list.js').Mutant[]} */
export const WAY_IN = [
  {
    name: 'moves the cursor before a tab has the event',
    file: 'worker/channels/channel.ts',
    line: `        readers.met(id)
`,
    instead: `        readers.met(id)
        options.onSeen({ epoch: frame.epoch, id })
`,
  },
  {
    name: 'counts a parcel as taken when it is posted',
    file: 'worker/tabs/tab.ts',
    line: 'if (news.length) await page.take({ instance, news }).catch(() => {})',
    instead: 'if (news.length) void page.take({ instance, news }).catch(() => {})',
  },
  {
    name: 'takes for seen what a tab has not heard',
    file: 'worker/channels/channels.ts',
    line: 'subscriber.isUnheard = true',
    instead: 'subscriber.isUnheard = false',
  },
  {
    name: 'greets without cursors',
    file: 'worker/channels/channels.ts',
    line: 'channels: all.slice(0, limit).map((channel) => channel.ask()),',
    instead:
      'channels: all.slice(0, limit).map((channel) => ({ channel: channel.ask().channel })),',
  },
  {
    name: 'swallows a gap',
    file: 'page-client/subscriber.ts',
    line: "if (news.kind === 'gap') {",
    instead: "if (news.kind === 'gap' && isBlank) {",
  },
  {
    name: 'asks for everything again after a reconnect',
    file: 'page-client/subscriber.ts',
    line: 'return cursor ? { after: cursor } : begin',
    instead: 'return begin',
  },
  {
    name: 'moves a position before the handler is done',
    file: 'worker/channels/consumers/turn.ts',
    line: "if (hand.piece.kind === 'gap') return end(hand)",
    instead: "if (hand.piece.kind !== 'parked') return end(hand)",
  },
  {
    name: 'gives an event to every tab',
    file: 'worker/channels/consumers/consumer.ts',
    line: 'return handOut(effect.tab, effect.hand)',
    instead: `for (const seat of seats) handOut(seat, effect.hand)
        return`,
  },
  {
    name: 'hands out the next before the last is written',
    file: 'worker/channels/consumers/consumer.ts',
    line: `          .catch(() => {})
          .then(() => tell({ type: 'written' }))`,
    instead: `          .catch(() => {})
        void Promise.resolve().then(() => tell({ type: 'written' }))`,
  },
  {
    name: 'begins an offer however late it comes',
    file: 'page-client/consumer.ts',
    line: 'if (Math.abs(age) <= OFFER_MS) return void begin(offer)',
    instead: 'if (age < Infinity) return void begin(offer)',
  },
  {
    name: 'forgets where its consumers stood',
    file: 'worker/channels/consumers/consumers.ts',
    line: 'for (const known of options.positions) enter(known, known)',
    instead: 'for (const known of options.positions) enter(known)',
  },
  {
    name: 'parks nothing',
    file: 'worker/channels/consumers/consumer.ts',
    line: 'return [...parked.put({ channel, name, cursor, payload, error, attempts: failures, at }), moved]',
    instead: 'return [{ payload, error, at } && moved]',
  },
]
