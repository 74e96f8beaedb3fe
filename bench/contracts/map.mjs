// A transformation in JSONata. Arguments: the folder of node_modules, the expression, the input file.
import { createRequire } from 'node:module';
import { createReadStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const jsonata = createRequire(`${process.argv[2]}/`)('jsonata');
const expression = jsonata(readFileSync(process.argv[3], 'utf8'));
let out = [];
for await (const line of createInterface({ input: createReadStream(process.argv[4]) })) {
  out.push(JSON.stringify(await expression.evaluate(JSON.parse(line))));
  if (out.length === 1000) { process.stdout.write(out.join('\n') + '\n'); out = []; }
}
if (out.length) process.stdout.write(out.join('\n') + '\n');
