/** A measured process: loads one client, does one operation, tells the figures to its parent. Started by `run-child.mjs`. */
import { operations } from './operations.mjs';

const { file, target, plan } = JSON.parse(process.argv[2] ?? '{}');
const { open } = await import(file);
const client = open(target);
const operation = operations[plan.op];
if (!operation) throw new Error(`unknown operation ${plan.op}`);
const figures = await operation(client, plan);
await client.close();
process.send?.(figures, () => process.disconnect());
