/** Owns the help text of the command. */
export const USAGE = `partyline: one WebSocket for every tab

  partyline gateway [options]    runs a gateway
    --port <n>                   default 8787; 0: any free one
    --host <name>                default 127.0.0.1
    --path <path>                default /line
    --file <path>                the log; default partyline.db
    --memory                     keep the log in memory only
    --retain <n>                 events kept for each channel; default 10000
    --origin <origin>            pages that may connect, repeatable; "*": all; default: same host
    --token <text>               let in who shows one of these, repeatable; default: everybody
    --heartbeat-interval <ms>    default 25000
    --heartbeat-timeout <ms>     default 10000
    --drain-within <ms>          on SIGTERM: wait before the first close; default 1000
    --drain-spread <ms>          and spread the closes over; default 4000
    --json                       say where it listens as a line of JSON

  partyline copy <dir>           copies the worker's file to where you serve files from
`
