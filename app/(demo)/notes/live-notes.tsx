'use client';

import { useState } from 'react';
import { type RouterOutputs, trpc } from '@/trpc/client';

type Note = RouterOutputs['notes']['list']['items'][number];

const WORDS = { pending: 'Live', connecting: 'Connecting…', error: 'Not live', idle: 'Not live' };

/** Keeps the list up to date with what happens to the user's notes elsewhere, and says so. */
export function LiveNotes({ limit }: { limit: number }) {
  const cache = trpc.useUtils();
  const [wasLive, setWasLive] = useState(false);
  const [news, setNews] = useState('');

  const { status } = trpc.notes.changes.useSubscription(undefined, {
    onStarted: () => setWasLive(true),
    onData({ data: change }) {
      if (change.type === 'removed') show(change.id, null);
      else show(change.note.id, change.note);
    },
  });

  function show(id: string, now: Note | null) {
    const shown = cache.notes.list.getInfiniteData({ limit })?.pages.flatMap(({ items }) => items) ?? [];
    const before = shown.find((note) => note.id === id);
    setNews(newsOf(before, now));
    const patched = (items: Note[], isFirst: boolean) => {
      if (!now) return items.filter((note) => note.id !== id);
      return before || !isFirst ? items.map((note) => (note.id === id ? now : note)) : [now, ...items];
    };
    cache.notes.list.setInfiniteData({ limit }, (list) => {
      const pages = list?.pages.map((page, n) => ({ ...page, items: patched(page.items, n === 0) }));
      return list && pages && { ...list, pages };
    });
  }

  return (
    <p className="live" data-state={status} role="status">
      {wasLive && WORDS[status]}
      {news && ` · ${news}`}
    </p>
  );
}

function newsOf(before: Note | undefined, now: Note | null): string {
  if (now) return `${before ? 'changed' : 'new'}: ${now.title}`;
  return before ? `removed: ${before.title}` : '';
}
