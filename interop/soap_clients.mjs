// Calls the shop of `served.py` with the clients of node-soap and strong-soap: `soap_clients.mjs URL`. Either may be missing.
const [url] = process.argv.slice(2);
let failed = 0;
const same = (title, found, expected) => {
  const [a, b] = [found, expected].map((it) => JSON.stringify(it));
  if (a === b) return console.log(`ok  ${title}`);
  failed += 1;
  console.log(`BAD ${title}\n  found    ${a}\n  expected ${b}`);
};
const module_of = async (name) => {
  try {
    return (await import(name)).default;
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    console.error(`SKIPPED: there is no ${name}`);
  }
};
const line = [{ attributes: { count: 2 }, price: '1.50' }, { attributes: { count: 1 }, price: '2' }];

const node_soap = await module_of('soap');
if (node_soap) {
  for (const [version, forceSoap12Headers, port] of [['11', false, 'Port11'], ['12', true, 'Port12']]) {
    const client = await node_soap.createClientAsync(`${url}/first?wsdl`, { forceSoap12Headers });
    client.addSoapHeader({ session: 's2' }, '', 'tns', 'urn:shop');
    const place = client.ShopService[port].place;
    const asked = (input) => new Promise((resolve) => place(input, (error, result) => resolve([error, result])));
    const [, answer] = await asked({ customer: 'node', line });
    same(`node-soap ${version}: an order is placed`, [String(answer?.number), answer?.at], ['9007199254740002', '2026-01-31T12:00:00.000Z']);
    const [error] = await asked({ customer: 'gone', line });
    const fault = error?.root?.Envelope?.Body?.Fault;
    same(`node-soap ${version}: a declared fault`, (fault?.detail ?? fault?.Detail)?.refused, { customer: 'gone' });
  }
  const client = await node_soap.createClientAsync(`${url}/first?wsdl`);
  const [sum] = await new Promise((resolve, reject) => client.ShopService.PortSums.add({ a: 40, b: 2 }, (error, result) => error ? reject(error) : resolve([result])));
  same('node-soap: rpc/literal', String(sum.sum), '42');
  const made = await node_soap.createClientAsync(`${url}/made?wsdl`);
  const [page] = await made.ordersAsync({ filter: { customer: { eq: 'node' } } });
  same('node-soap: rows of the description that is made', [].concat(page.items).map((row) => row.customer), ['node']);
}

const strong = await module_of('strong-soap');
if (strong) {
  const created = (path) => new Promise((resolve, reject) => strong.soap.createClient(`${url}${path}`, {}, (error, client) => error ? reject(error) : resolve(client)));
  const call = (operation, input) => new Promise((resolve) => operation(input, (error, result) => resolve([error, result])));
  const made = await created('/made?wsdl');
  for (const port of ['madeSoap', 'madeSoap12']) {
    const { place, echo } = made.made[port];
    const [failure, answer] = await call(place, { customer: 'strong', session: '', lines: [{ price: '1.50', count: 2 }] });
    same(`strong-soap ${port}: an order is placed`, failure ? String(failure) : String(answer.number), '9007199254740001');
    const [error] = await call(echo, { text: 'too little' });
    same(`strong-soap ${port}: a problem as a fault`, error?.response?.statusCode, port === 'madeSoap' ? 500 : 400);
  }
  const first = await created('/first?wsdl');
  const [failure, sum] = await call(first.ShopService.PortSums.add, { a: 40, b: 2 });
  same('strong-soap: rpc/literal', failure ? String(failure) : String(sum.sum), '42');
}
process.exit(failed);
