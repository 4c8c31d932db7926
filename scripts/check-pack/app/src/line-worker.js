import { startBroker } from 'partyline/worker'

startBroker()
