/** Where events can be taken from. Pure. */

export type BrokerAddress = {
  /** `address:port`, for people. */
  name: string;
  hostname: string;
  port: number;
  tls: boolean;
};

/** What of the configuration tells addresses. */
export type Addressed = {
  rabbitmq?: { nodes: Readonly<Record<string, { amqp?: string | undefined }>> } | undefined;
  entrances?: { broker: readonly string[] } | undefined;
};

const PORTS = { 'amqp:': 5672, 'amqps:': 5671 } as const;

/** Every node's own AMQP address, then the entrances that the applications use; each once. */
export function brokerAddresses({ rabbitmq, entrances }: Addressed): BrokerAddress[] {
  const nodes = Object.values(rabbitmq?.nodes ?? {}).flatMap(({ amqp }) =>
    amqp === undefined ? [] : `amqp://${amqp}`,
  );
  const found = [...nodes, ...(entrances?.broker ?? [])].flatMap((url) => brokerAddress(url) ?? []);
  return [...new Map(found.map((address) => [address.name, address])).values()];
}

/** The address in an AMQP URL; null when it is none. What else the URL says (user, vhost) is left out. */
export function brokerAddress(url: string): BrokerAddress | null {
  const parsed = URL.parse(url);
  if (parsed === null || !Object.hasOwn(PORTS, parsed.protocol) || parsed.hostname === '') return null;
  const protocol = parsed.protocol as keyof typeof PORTS;
  const port = parsed.port === '' ? PORTS[protocol] : Number(parsed.port);
  return {
    name: `${parsed.hostname}:${port}`,
    hostname: parsed.hostname.replace(/^\[|\]$/g, ''),
    port,
    tls: protocol === 'amqps:',
  };
}
