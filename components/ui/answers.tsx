'use client';
/** Keeps the answers of the API for everything below it; one a page. */
import { QueryClient, type QueryClientConfig, QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { isFinal } from './ask.ts';

const TRIES = 2;

type Queries = NonNullable<NonNullable<QueryClientConfig['defaultOptions']>['queries']>;

/** A question is asked again unless the server refused it for good. */
const AGAIN: Queries = { retry: (failed, error) => !isFinal(error) && failed < TRIES };
/** What is not answered, or long ago, is asked again only when the page says so. */
const ONCE: Queries = { retry: false, refetchOnWindowFocus: false, refetchOnReconnect: false };

export type AnswersProps = {
  children: ReactNode;
  /** For pages whose questions go on to others than Trellis, such as workers: these are asked only when somebody says so. */
  areAskedOnce?: boolean;
};

/** The keeper; it holds what was answered as long as it is mounted. */
export function Answers({ children, areAskedOnce = false }: AnswersProps) {
  const [client] = useState(() => new QueryClient({ defaultOptions: { queries: areAskedOnce ? ONCE : AGAIN } }));
  return <QueryClientProvider client={client}>{children}</QueryClientProvider>;
}
