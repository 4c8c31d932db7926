import { deliverInBackground } from 'partyline/service-worker'

deliverInBackground()
