/** The configuration with which a bench starts Trellis: the lab's own, on another port, and where asked through proxies. Pure. */
import { parse, stringify } from 'yaml';

/** The parts of trellis.yaml that a bench changes; everything else is passed on as it is. */
export type TrellisYaml = {
  listen: string;
  dataDir: string;
  rabbitmq: { nodes: Record<string, { management: string }> };
  haproxy: { stats?: string; socket?: string }[];
  consul: { agents: string[] };
  /** Absent = Trellis takes in no events. */
  celery?: object;
};

/** The text of the lab's configuration with what a bench needs otherwise. */
export function benchYaml(labYaml: string, port: number, dataDir: string, change: (yaml: TrellisYaml) => void): string {
  const yaml = parse(labYaml) as TrellisYaml;
  yaml.listen = `127.0.0.1:${port}`;
  yaml.dataDir = dataDir;
  change(yaml);
  return stringify(yaml);
}
