import { connection } from 'next/server';
import { ForecastView } from '#components/forecast/forecast-view.tsx';

export default async function ForecastPage() {
  await connection();
  return <ForecastView />;
}
