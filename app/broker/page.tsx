import { connection } from 'next/server';
import { BrokerView } from '#components/broker/broker-view.tsx';

export default async function BrokerPage() {
  await connection();
  return <BrokerView />;
}
