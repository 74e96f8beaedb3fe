// A service of node-soap for `called.py`: `soap_shop.mjs PORT VERSION WSDL`, where the version of SOAP is 11 or 12. Who calls has to say so by WS-Security.
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import soap from 'soap';

const [port, version, wsdl] = process.argv.slice(2);
const told = [];
const place = ({ customer, line }, _callback, headers) => {
  if (headers?.session !== 's1') throw new Error(`the session is ${JSON.stringify(headers)}`);
  if (customer === 'gone') {
    const code = version === '12' ? { Code: { Value: 'soap:Sender', Subcode: { Value: 't:Gone' } }, Reason: { Text: 'there is no gone' } } : { faultcode: 'soap:Client', faultstring: 'there is no gone' };
    throw { Fault: { ...code, [version === '12' ? 'soap:Detail' : 'detail']: { 't:refused': { 't:customer': customer } } } };
  }
  if (customer === 'broken') throw new Error('this is a mistake of the service');
  const lines = Array.isArray(line) ? line : [line];
  return { number: 9007199254740000 + lines.length, at: '2026-01-31T12:00:00Z' };
};
const tell = ({ customer }) => void told.push(customer);
const add = ({ a, b }) => ({ sum: Number(a) + Number(b) });
const services = { ShopService: { Port11: { place, tell }, Port12: { place, tell }, PortSums: { add } } };

const server = http.createServer((request, response) => response.end(JSON.stringify(told)));
const shop = soap.listen(server, {
  path: /^\/(11|12|sums)\/$/, services, xml: fs.readFileSync(wsdl, 'utf8'), forceSoap12Headers: version === '12',
});
shop.authenticate = (security) => {
  const token = security?.UsernameToken;
  if (!token || !security.Timestamp?.Expires) return false;
  const sha1 = crypto.createHash('sha1');
  sha1.update(Buffer.from(token.Nonce.$value ?? token.Nonce, 'base64')).update(token.Created).update('hunter2');
  return token.Username === 'tenon' && (token.Password.$value ?? token.Password) === sha1.digest('base64');
};
server.listen(Number(port), '127.0.0.1', () => console.log('ready'));
