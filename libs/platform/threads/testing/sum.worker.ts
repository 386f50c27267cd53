import type { MessagePort } from 'node:worker_threads';
import { sha256Hex } from '#kernel';

interface SumTask {
  numbers: number[];
  port?: MessagePort;
  spin?: number;
  exit?: boolean;
}

/** Adds numbers, telling every partial sum, and spins or ends its thread first when told to. */
export default function sum({ numbers, port, spin = 0, exit = false }: SumTask): { total: number; hash: string } {
  const end = performance.now() + spin;
  while (performance.now() < end) Math.sqrt(end);
  if (exit) process.exit(1);
  let total = 0;
  for (const number of numbers) {
    total += number;
    port?.postMessage(total);
  }
  return { total, hash: sha256Hex(String(total)) };
}
