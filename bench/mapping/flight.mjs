// The same transformation in JSONata. Arguments: the folder of node_modules, the input file.
import { createRequire } from 'node:module';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

const jsonata = createRequire(`${process.argv[2]}/`)('jsonata');
const expression = jsonata(`{
  "id": carrier & $string(flight) & "-" & origin,
  "carrier": carrier,
  "number": flight,
  "route": { "from": origin, "to": dest },
  "distance_km": distance * 1.609344,
  "status": $exists(dep_time) ? "departed" : "cancelled",
  "delay_minutes": $exists(dep_delay) ? dep_delay : 0,
  "late": ($exists(dep_delay) ? dep_delay : 0) > 15
}`);
let out = [];
for await (const line of createInterface({ input: createReadStream(process.argv[3]) })) {
  out.push(JSON.stringify(await expression.evaluate(JSON.parse(line))));
  if (out.length === 1000) { process.stdout.write(out.join('\n') + '\n'); out = []; }
}
if (out.length) process.stdout.write(out.join('\n') + '\n');
