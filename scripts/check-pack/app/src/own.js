import { connect } from 'partyline'
import { show } from './show.js'

show((url) =>
  connect({
    url,
    worker: ({ name, isShared }) =>
      isShared
        ? new SharedWorker(new URL('./line-worker.js', import.meta.url), {
            type: 'module',
            name,
            extendedLifetime: true,
          })
        : new Worker(new URL('./line-worker.js', import.meta.url), { type: 'module', name }),
  }),
)
