import type { TRPCLink } from '@trpc/client';
import type { AnyTRPCRouter } from '@trpc/server';
import { observable, type Unsubscribable } from '@trpc/server/observable';
import { BASE_PATH } from '../runtime/base-path.js';
import { goingOnAfter, lastEventIdOf } from './reconnect.js';

/** An event as it arrived; the content of a tracked one is `{ id, data }`. */
interface Arrived {
  readonly id?: string;
  readonly data: unknown;
}

/**
 * The messages between tabs with the same subscription; all but `where`, the question for the leader's position, come
 * from the leader.
 */
type Message =
  | { readonly type: 'where' }
  | { readonly type: 'position'; readonly at: string | null; readonly isLive: boolean }
  | { readonly type: 'event'; readonly event: Arrived; readonly after: string | null };

/**
 * The link that lets the tabs of a browser share one connection for each subscription: over HTTP/1.1 a browser has six
 * connections to an origin, and with six tabs connected other calls would wait forever. The visible tab that holds a
 * lock is the leader: it is connected, and sends events on to the others. When it is closed or hidden, another visible
 * tab goes on after the last event; while all are hidden, none is connected. A tab that has missed events of the
 * leader, since it was suspended, catches up by a connection of its own. Without Web Locks (http beyond this machine)
 * each visible tab has its own connection.
 *
 * @param signedInAs - Id of the user that the page was rendered for, or null; tabs of other users are not told
 * @see https://developer.mozilla.org/docs/Web/API/Web_Locks_API
 */
export function oneConnection(signedInAs: string | null): TRPCLink<AnyTRPCRouter> {
  return () =>
    ({ op, next }) =>
      observable((observer) => {
        const name = `bff-live${BASE_PATH} ${JSON.stringify([signedInAs, op.path, withoutPosition(op.input)])}`;
        const locks = 'locks' in navigator && 'BroadcastChannel' in window ? navigator.locks : null;
        const channel = locks && new BroadcastChannel(name);
        /** Id of the last event that this tab has seen, and of the last one that the leader has seen. */
        let position = lastEventIdOf(op);
        let leaderAt: string | null = null;
        let connection: Unsubscribable | null = null;
        let leads = false;
        let isLive = false;
        let giveUpLead = () => {};

        const post = (message: Message) => channel?.postMessage(message);
        const sayPosition = () => leads && post({ type: 'position', at: position, isLive });

        function receive(event: Arrived) {
          position = event.id ?? position;
          if (!isOnlyPosition(event.data)) observer.next({ result: event });
        }

        function connect() {
          connection ??= next(goingOnAfter(op, position)).subscribe({
            next({ result }) {
              if (result.type === undefined || result.type === 'data') {
                const after = position;
                receive(result);
                if (leads) post({ type: 'event', event: result, after });
                else catchUp();
                return;
              }
              if (result.type === 'started') isLive = true;
              if (result.type === 'state') isLive = result.state === 'pending';
              observer.next({ result });
              sayPosition();
            },
            error: (error) => observer.error(error),
            complete: () => observer.complete(),
          });
        }

        function disconnect() {
          connection?.unsubscribe();
          connection = null;
        }

        function catchUp() {
          if (!locks) return;
          if (position === leaderAt) disconnect();
          else if (isVisible()) connect();
        }

        function onMessage({ data: message }: MessageEvent<Message>) {
          if (message.type === 'where') sayPosition();
          if (message.type === 'where' || leads) return;
          if (message.type === 'event') {
            if (position === null || position === message.after) receive(message.event);
            leaderAt = message.event.id ?? null;
          } else {
            position ??= message.at;
            leaderAt = message.at;
            if (isLive !== message.isLive) observer.next({ result: message.isLive ? STARTED : CONNECTING });
            isLive = message.isLive;
          }
          catchUp();
        }

        /** Waits for the lock, and holds it while this tab is the leader. */
        async function campaign(lockManager: LockManager) {
          const candidacy = new AbortController();
          giveUpLead = () => candidacy.abort();
          const lead = () =>
            new Promise<void>((release) => {
              leads = true;
              giveUpLead = () => {
                leads = false;
                release();
              };
              connect();
              sayPosition();
            });
          await lockManager.request(name, { signal: candidacy.signal }, lead).catch(() => {});
        }

        function showOrHide() {
          giveUpLead();
          if (!isVisible()) disconnect();
          else if (locks) {
            void campaign(locks);
            post({ type: 'where' });
          } else connect();
        }

        channel?.addEventListener('message', onMessage);
        document.addEventListener('visibilitychange', showOrHide);
        showOrHide();
        return () => {
          document.removeEventListener('visibilitychange', showOrHide);
          channel?.close();
          giveUpLead();
          disconnect();
        };
      });
}

const STARTED = { type: 'started' } as const;
const CONNECTING = { type: 'state', state: 'connecting', error: null } as const;

const isVisible = () => document.visibilityState === 'visible';

/** While nothing happens, the server sends the position of a stream as an event without content. */
const isOnlyPosition = (content: unknown) =>
  typeof content === 'object' && content !== null && 'data' in content && content.data === null;

function withoutPosition(input: unknown): unknown {
  if (typeof input !== 'object' || input === null) return input ?? null;
  const { lastEventId: _, ...rest } = { lastEventId: null, ...input };
  return Object.keys(rest).length > 0 ? rest : null;
}
