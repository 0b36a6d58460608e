import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

test('the built file has at most 6 KiB, gzipped', () => {
  const built = readFileSync(new URL('../dist/client.js', import.meta.url));

  const bytes = gzipSync(built, { level: 9 }).length;

  assert.ok(bytes < 6 * 1024, `${bytes} bytes`);
});

test('the built file imports nothing', () => {
  const built = readFileSync(new URL('../dist/client.js', import.meta.url), 'utf8');

  assert.doesNotMatch(built, /\bimport\b|\brequire\b/);
});
