import { connect } from 'partyline'
import { show } from './show.js'

show((url) => connect({ url, worker: '/worker.js' }))
