/** The door `partyline/worker.js`: the worker as one file, to be served as it is. */
import { startBroker } from './index.js'

startBroker()
