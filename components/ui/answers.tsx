'use client';
/** Keeps the answers of the API for everything below it; one a page. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { isFinal } from './ask.ts';

const TRIES = 2;

/** A question is asked again unless the server refused it for good. */
export function Answers({ children }: { children: ReactNode }) {
  const [client] = useState(
    () =>
      new QueryClient({ defaultOptions: { queries: { retry: (failed, error) => !isFinal(error) && failed < TRIES } } }),
  );
  return <QueryClientProvider client={client}>{children}</QueryClientProvider>;
}
