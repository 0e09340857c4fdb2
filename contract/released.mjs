// released.mjs RELEASED.json NOW.json: exit 1 where NOW breaks clients of RELEASED and the version does not say so.
//
// The wire is compared by api-smart-diff; names that generated clients have, and who may call what, are compared here.
import { readFileSync } from 'node:fs';
import { apiDiff } from 'api-smart-diff';

const METHODS = ['get', 'put', 'post', 'patch', 'delete'];
const [, , oldFile, newFile] = process.argv;
const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
const before = read(oldFile);
const now = read(newFile);
const broken = new Set();

// What api-smart-diff takes for breaking and is not: texts and examples. Security is compared below, since it does not know
// which of two ways in asks for more.
const HARMLESS = /(^|\/)(security|securitySchemes|description|summary|examples?)(\/|$)/;
for (const change of apiDiff(read(oldFile), read(newFile))) {
  const where = change.path.join('/');
  if (change.type === 'breaking' && !HARMLESS.test(where)) broken.add(`${change.action} ${where}`);
}

// Any way in that was enough must be enough still; no way in at all is the way that asks for nothing.
const waysIn = (document, operation) => {
  const ways = operation.security ?? document.security ?? [];
  return ways.length ? ways : [{}];
};
const isEnough = (held, asked) =>
  Object.entries(asked).every(([scheme, scopes]) => scheme in held && scopes.every((scope) => held[scheme].includes(scope)));

for (const [path, item] of Object.entries(before.paths)) {
  for (const method of METHODS) {
    const old = item[method];
    const current = now.paths[path]?.[method];
    if (!old || !current) continue;
    const name = `${method.toUpperCase()} ${path}`;
    if (old.operationId !== current.operationId) broken.add(`operationId of ${name}: ${old.operationId} -> ${current.operationId}`);
    if (old.tags?.[0] !== current.tags?.[0]) broken.add(`tag of ${name}: ${old.tags?.[0]} -> ${current.tags?.[0]}`);
    for (const held of waysIn(before, old)) {
      if (!waysIn(now, current).some((asked) => isEnough(held, asked))) broken.add(`security of ${name}: ${JSON.stringify(held)} is no longer enough`);
    }
  }
}
for (const name of Object.keys(before.components?.schemas ?? {})) {
  if (!(name in (now.components?.schemas ?? {}))) broken.add(`schema name gone: ${name}`);
}
for (const [name, scheme] of Object.entries(before.components?.securitySchemes ?? {})) {
  const current = now.components?.securitySchemes?.[name];
  for (const part of ['type', 'scheme']) {
    if (scheme[part] !== current?.[part]) broken.add(`security scheme ${name}: ${part} ${scheme[part]} -> ${current?.[part]}`);
  }
}

// A greater first number says so; before 1.0.0 a greater second one does (SemVer §4).
const [oldMajor, oldMinor] = before.info.version.split('.').map(Number);
const [major, minor] = now.info.version.split('.').map(Number);
const announced = major > oldMajor || (major === 0 && oldMajor === 0 && minor > oldMinor);
for (const line of [...broken].sort()) console.log(`BREAKING ${line}`);
console.log(`${broken.size} breaking changes from ${before.info.version} to ${now.info.version}${broken.size && announced ? ', as the version says' : ''}`);
process.exit(broken.size && !announced ? 1 : 0);
