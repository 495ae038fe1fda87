// Runs cells of JavaScript that share one global scope; the protocol is that of kernel.py.
// The evaluator is that of the browser consoles: let and const may be declared again, and await stands alone.
'use strict';
const fs = require('fs');
const inspector = require('inspector');
const path = require('path');
const readline = require('readline');
const util = require('util');
const vm = require('vm');
const { createRequire } = require('module');
const { pathToFileURL } = require('url');

const LONGEST = 1 << 20;
let cut = false;
const session = new inspector.Session();
session.connect();
const post = (method, params) =>
  new Promise((resolve, reject) =>
    session.post(method, params, (wrong, answer) => (wrong ? reject(wrong) : resolve(answer))));

globalThis.require = createRequire(path.join(process.cwd(), 'cell.js'));
globalThis.module = { exports: {} };
globalThis.exports = globalThis.module.exports;

// Cells are no modules: what they import statically is fetched by this, seen from where the context began.
const loader = Symbol.for('atoll.import');
const later = vm.constants && vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
globalThis[loader] = later
  ? vm.runInThisContext('(name) => import(name)', {
    filename: path.join(process.cwd(), 'cell.js'), importModuleDynamically: later,
  })
  : (name) => {
    const file = globalThis.require.resolve(name);
    return import(path.isAbsolute(file) ? pathToFileURL(file).href : file);
  };
Object.defineProperty(globalThis, loader, { enumerable: false });
const IMPORT =
  /(^|;)([ \t]*)import\b\s*(?:([\w$]+)\s*(?:,\s*)?)?(?:\*\s*as\s+([\w$]+)\s+|\{([^{}]*)\}\s*)?(?:from\s*)?(['"])([^'"\n]+)\6(?:\s*with\s*\{[^{}]*\})?/gm;

// The same cell with its static imports as statements that a cell may have, on as many lines.
function withoutImports(code) {
  return code.replace(IMPORT, (whole, before, space, name, all, some, quote, module) => {
    const names = (some || '').split(',').map((one) => one.trim().replace(/\s+as\s+/, ': ')).filter(Boolean);
    if (name) {
      names.unshift(`default: ${name}`);
    }
    const fetched = `await globalThis[Symbol.for('atoll.import')](${JSON.stringify(module)})`;
    const named = names.length ? `const { ${names.join(', ')} } = ` : '';
    const text = all ? `const ${all} = ${fetched}${named && `; ${named}${all}`}` : named + fetched;
    return before + space + text + '\n'.repeat(whole.split('\n').length - 1);
  });
}

// What callFunctionOn gets hold of, to hand a value from the evaluator to this program.
const shelf = Symbol.for('atoll.shelf');
let interrupt = null;
process.on('SIGINT', () => interrupt && interrupt());
process.on('uncaughtException', (wrong) => console.error(wrong));
process.on('unhandledRejection', (wrong) => console.error(wrong));

// Cuts a text to what one may have, and says so in the answer.
function short(text) {
  cut ||= text.length > LONGEST;
  return text.slice(0, LONGEST);
}

function shown(value) {
  if (value === undefined || value === null) {
    return [null, value === null ? 'null' : undefined];
  }
  const text = util.inspect(value, { depth: 4, maxArrayLength: 1000, maxStringLength: LONGEST });
  try {
    const json = typeof value === 'number' && !Number.isFinite(value) ? undefined : JSON.stringify(value);
    if (json !== undefined && json.length <= LONGEST) {
      return [JSON.parse(json), short(text)];
    }
  } catch {}
  return [short(text), short(text)];
}

async function valueOf(remote) {
  if (!remote.objectId) {
    if (remote.unserializableValue !== undefined) {
      return remote.type === 'bigint' ? BigInt(remote.unserializableValue.slice(0, -1)) : Number(remote.unserializableValue);
    }
    return remote.value;
  }
  await post('Runtime.callFunctionOn', {
    objectId: remote.objectId,
    functionDeclaration: "function () { 'use strict'; globalThis[Symbol.for('atoll.shelf')] = this; }",
  });
  const value = globalThis[shelf];
  delete globalThis[shelf];
  await post('Runtime.releaseObject', { objectId: remote.objectId });
  return value;
}

function failure(details, value) {
  const thrown = value instanceof Error;
  const text = thrown ? value.stack || String(value) : `${details.text} ${util.inspect(value)}`;
  const own = text.split('\n').filter((line) => !/^\s+at (new Promise \(<anon|.*(node:i|kernel\.js))/.test(line));
  return {
    name: thrown ? value.name : 'Error',
    value: short(String(thrown ? value.message : util.inspect(value))),
    traceback: short(own.join('\n')),
  };
}

async function run(code, timeout) {
  const stopped = new Promise((resolve) => {
    interrupt = () => resolve({ stopped: true });
  });
  const evaluated = (expression) =>
    post('Runtime.evaluate', { expression, replMode: true, awaitPromise: true, timeout, objectGroup: 'cell' });
  let answer = await Promise.race([evaluated(code), stopped]);
  const wrong = answer.exceptionDetails && answer.exceptionDetails.exception;
  if (wrong && /^SyntaxError: Cannot use import statement/.test(wrong.description)) {
    // Nothing of it has run.
    answer = await Promise.race([evaluated(withoutImports(code)), stopped]);
  }
  if (answer.stopped) {
    return { ok: false, error: { name: 'Interrupted', value: 'The cell was interrupted.', traceback: '' } };
  }
  const value = await valueOf(answer.exceptionDetails ? answer.exceptionDetails.exception || {} : answer.result);
  if (answer.exceptionDetails) {
    return { ok: false, error: failure(answer.exceptionDetails, value) };
  }
  if (value !== undefined) {
    globalThis._ = value;
  }
  const [result, text] = shown(value);
  return { ok: true, result, text };
}

function flushed(stream, data) {
  return new Promise((resolve) => stream.write(data, resolve));
}

async function main() {
  const lines = readline.createInterface({ input: fs.createReadStream(null, { fd: 3 }), crlfDelay: Infinity });
  const outs = [process.stdout, process.stderr];
  let number = 0;
  for await (const line of lines) {
    const [nonce, cell, timeout] = line.split(' ');
    number += 1;
    let answer;
    cut = false;
    try {
      answer = await run(Buffer.from(cell, 'base64').toString(), Number(timeout));
    } catch (wrong) {
      const text = String(wrong.message || wrong);
      answer = { ok: false, error: { name: text.includes('terminated') ? 'Interrupted' : 'Error', value: text, traceback: '' } };
    }
    interrupt = null;
    Object.assign(answer, { number, cut });
    const data = Buffer.from(JSON.stringify(answer)).toString('base64');
    await flushed(outs[1], `\x1e${nonce}\x1e`);
    await flushed(outs[0], `\x1e${nonce} ${data}\x1e`);
  }
  process.exit(0);
}

main();
