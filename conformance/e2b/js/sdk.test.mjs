// The JavaScript SDK of E2B, unmodified; harness.py says by the environment which Atoll it talks to.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  CommandExitError,
  FileNotFoundError,
  InvalidArgumentError,
  NotFoundError,
  Sandbox,
  SandboxNotFoundError,
  TimeoutError,
} from 'e2b'

let sandbox

before(async () => {
  sandbox = await Sandbox.create({
    timeoutMs: 300_000,
    metadata: { suite: 'e2b js', mark: `${process.pid}-${Date.now()}` },
    envs: { GREETING: 'hello' },
  })
})

after(() => sandbox?.kill())

async function waitFor(what, ms = 20_000) {
  const end = Date.now() + ms
  while (Date.now() < end) {
    const answer = await what()
    if (answer) return answer
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('it did not happen in time')
}

test('info, list, timeout, metrics', async () => {
  const info = await sandbox.getInfo()
  assert.equal(info.sandboxId, sandbox.sandboxId)
  assert.equal(info.state, 'running')
  assert.equal(info.metadata.suite, 'e2b js')
  const { mark } = info.metadata
  const pages = Sandbox.list({ query: { metadata: { mark }, state: ['running', 'paused'] }, limit: 1 })
  assert.deepEqual((await pages.nextItems()).map((s) => s.sandboxId), [sandbox.sandboxId])
  assert.equal(pages.hasNext, false)
  await sandbox.setTimeout(600_000)
  const left = (await sandbox.getInfo()).endAt.getTime() - Date.now()
  assert.ok(left > 550_000 && left < 601_000, `${left}`)
  const metrics = await sandbox.getMetrics()
  assert.ok(metrics.at(-1).memUsed > 0)
  assert.equal(await sandbox.isRunning(), true)
})

test('commands', async () => {
  const out = []
  const result = await sandbox.commands.run('echo $GREETING; echo oops >&2; pwd', {
    onStdout: (data) => out.push(data),
  })
  assert.equal(result.stdout, 'hello\n/home/user\n')
  assert.equal(out.join(''), result.stdout)
  assert.equal(result.stderr, 'oops\n')
  await assert.rejects(sandbox.commands.run('exit 3'), (e) => e instanceof CommandExitError && e.exitCode === 3)
  await assert.rejects(sandbox.commands.run('sleep 60', { timeoutMs: 1_000 }), TimeoutError)
})

test('commands in the background', async () => {
  const cat = await sandbox.commands.run('cat', { background: true, stdin: true })
  assert.ok((await sandbox.commands.list()).some((p) => p.pid === cat.pid))
  const second = await sandbox.commands.connect(cat.pid)
  await sandbox.commands.sendStdin(cat.pid, 'from far\n')
  await sandbox.commands.closeStdin(cat.pid)
  assert.equal((await cat.wait()).stdout, 'from far\n')
  assert.equal((await second.wait()).stdout, 'from far\n')
  const sleeper = await sandbox.commands.run('sleep 300', { background: true })
  assert.equal(await sandbox.commands.kill(sleeper.pid), true)
  await assert.rejects(sleeper.wait(), CommandExitError)
  assert.equal(await sandbox.commands.kill(sleeper.pid), false)
})

test('a terminal', async () => {
  let seen = ''
  const terminal = await sandbox.pty.create({
    cols: 80,
    rows: 24,
    onData: (data) => {
      seen += Buffer.from(data).toString()
    },
  })
  const type = (text) => sandbox.pty.sendInput(terminal.pid, new TextEncoder().encode(text))
  await type('stty size\n')
  await waitFor(() => seen.includes('24 80'))
  await sandbox.pty.resize(terminal.pid, { cols: 100, rows: 40 })
  await type('stty size\n')
  await waitFor(() => seen.includes('40 100'))
  assert.equal(await sandbox.pty.kill(terminal.pid), true)
  assert.equal(await waitFor(async () => !(await sandbox.pty.kill(terminal.pid))), true)
})

test('files', async () => {
  const written = await sandbox.files.write('js/a.txt', 'text ü')
  assert.equal(written.path, '/home/user/js/a.txt')
  assert.equal(await sandbox.files.read('js/a.txt'), 'text ü')
  const bytes = new Uint8Array(70_000).map((_, i) => i % 251)
  await sandbox.files.write('/tmp/js bytes', bytes.buffer)
  assert.deepEqual(await sandbox.files.read('/tmp/js bytes', { format: 'bytes' }), bytes)
  await sandbox.files.write([
    { path: 'js/b', data: '1' },
    { path: 'js/ü "c"', data: '2' },
  ])
  assert.equal(await sandbox.files.read('js/ü "c"'), '2')
  await sandbox.files.write('/tmp/packed', 'x'.repeat(50_000), { gzip: true })
  assert.equal((await sandbox.files.read('/tmp/packed')).length, 50_000)
  assert.deepEqual((await sandbox.files.list('js')).map((e) => e.name), ['a.txt', 'b', 'ü "c"'])
  assert.equal(await sandbox.files.makeDir('js/d'), true)
  assert.equal(await sandbox.files.makeDir('js/d'), false)
  assert.equal((await sandbox.files.rename('js/b', 'js/d/e')).path, '/home/user/js/d/e')
  assert.equal((await sandbox.files.getInfo('js/d/e')).size, 1)
  await sandbox.files.remove('js/d')
  assert.equal(await sandbox.files.exists('js/d/e'), false)
  await assert.rejects(sandbox.files.read('js/nothing'), FileNotFoundError)
  await assert.rejects(sandbox.files.list('js/nothing'), FileNotFoundError)
  await assert.rejects(sandbox.files.list('/etc/passwd'), InvalidArgumentError)
})

test('what a user writes is theirs', async () => {
  await sandbox.commands.run('useradd -m -d /srv/joe joe', { user: 'root' })
  const written = await sandbox.files.write('deep/a.txt', '1', { user: 'joe' })
  assert.equal(written.path, '/srv/joe/deep/a.txt')
  for (const path of ['deep', 'deep/a.txt']) {
    const info = await sandbox.files.getInfo(path, { user: 'joe' })
    assert.deepEqual([info.owner, info.group], ['joe', 'joe'])
  }
  assert.equal(await sandbox.files.makeDir('/tmp/of-joe/b', { user: 'joe' }), true)
  assert.equal((await sandbox.files.getInfo('/tmp/of-joe/b')).owner, 'joe')
  for (const refused of [
    () => sandbox.files.write('/tmp/x', '1', { user: 'no-joe' }),
    () => sandbox.files.makeDir('/tmp/no-joe', { user: 'no-joe' }),
  ]) {
    await assert.rejects(refused, (e) => e instanceof InvalidArgumentError && e.message.includes('no-joe'))
  }
  await sandbox.commands.run('userdel -r joe; rm -rf /tmp/of-joe', { user: 'root' })
})

test('a watch', async () => {
  await sandbox.files.makeDir('/tmp/jsw')
  const seen = []
  const watch = await sandbox.files.watchDir('/tmp/jsw', (event) => seen.push(`${event.type} ${event.name}`))
  await sandbox.files.write('/tmp/jsw/f', '1')
  await waitFor(() => seen.includes('create f'))
  await sandbox.files.remove('/tmp/jsw/f')
  await waitFor(() => seen.includes('remove f'))
  await watch.stop()
})

test('pause, connect, fork, snapshot', async () => {
  await sandbox.files.write('seed', '1')
  assert.equal(await sandbox.pause(), true)
  assert.equal(await sandbox.pause(), false)
  assert.equal(await sandbox.isRunning(), false)
  await assert.rejects(sandbox.files.read('seed'), TimeoutError)
  const same = await Sandbox.connect(sandbox.sandboxId, { timeoutMs: 300_000 })
  assert.equal(await same.files.read('seed'), '1')
  const [fork] = await same.fork()
  assert.equal(await fork.files.read('seed'), '1')
  await fork.kill()
  const snapshot = await same.createSnapshot()
  const child = await Sandbox.create(snapshot.snapshotId, { timeoutMs: 60_000 })
  assert.equal(await child.files.read('seed'), '1')
  await child.kill()
  assert.equal(await Sandbox.deleteSnapshot(snapshot.snapshotId), true)
})

test('what is gone', async () => {
  const other = await Sandbox.create({ timeoutMs: 60_000 })
  assert.equal(await other.kill(), true)
  assert.equal(await other.kill(), false)
  await assert.rejects(other.getInfo(), SandboxNotFoundError)
  await assert.rejects(other.commands.run('echo'), (e) => e instanceof NotFoundError || e instanceof TimeoutError)
  await assert.rejects(Sandbox.connect(other.sandboxId), SandboxNotFoundError)
})

test('another organization sees nothing', async () => {
  const apiKey = process.env.ATOLL_TEST_API_KEY2
  await assert.rejects(Sandbox.getInfo(sandbox.sandboxId, { apiKey }), SandboxNotFoundError)
  assert.equal(await Sandbox.kill(sandbox.sandboxId, { apiKey }), false)
})

test('by host name, under TLS', async () => {
  const direct = await Sandbox.connect(sandbox.sandboxId, {
    sandboxUrl: `https://49983-${sandbox.sandboxId}.${process.env.E2B_DOMAIN}`,
    proxy: process.env.TEST_PROXY,
  })
  assert.equal((await direct.commands.run('echo tls')).stdout, 'tls\n')
  await direct.files.write('tls', 'yes')
  assert.equal(await direct.files.read('tls'), 'yes')
})

test('git', async () => {
  const { git } = sandbox
  await git.configureUser('Ann', 'ann@example.com')
  await git.init('/tmp/jsgit', { initialBranch: 'main' })
  await sandbox.files.write('/tmp/jsgit/f', '1')
  assert.deepEqual((await git.status('/tmp/jsgit')).fileStatus.map((s) => s.name), ['f'])
  await git.add('/tmp/jsgit')
  await git.commit('/tmp/jsgit', "it's the first")
  await git.clone('/tmp/jsgit', { path: '/tmp/jsclone' })
  assert.equal(await sandbox.files.read('/tmp/jsclone/f'), '1')
  assert.equal((await git.branches('/tmp/jsclone')).currentBranch, 'main')
})

test('a terminal that is met again', async () => {
  let seen = ''
  const first = await sandbox.pty.create({ cols: 70, rows: 21, onData: () => {}, timeoutMs: 0 })
  await first.disconnect()
  const again = await sandbox.pty.connect(first.pid, {
    onData: (data) => {
      seen += Buffer.from(data).toString()
    },
  })
  await sandbox.pty.sendInput(first.pid, new TextEncoder().encode('stty size; exit\n'))
  await again.wait()
  assert.ok(seen.includes('21 70'), seen)
})

test('metadata of files, streams and a deep watch', async () => {
  const seen = []
  await sandbox.files.makeDir('/tmp/jsm/sub')
  const watch = await sandbox.files.watchDir('/tmp/jsm', (event) => seen.push(event.name), { recursive: true })
  const written = await sandbox.files.write('/tmp/jsm/sub/f', 'x', { metadata: { Owner: 'me' } })
  assert.deepEqual(written.metadata, { owner: 'me' })
  assert.deepEqual((await sandbox.files.getInfo('/tmp/jsm/sub/f')).metadata, { owner: 'me' })
  await waitFor(() => seen.includes('sub/f'))
  await watch.stop()
  const stream = await sandbox.files.read('/tmp/jsm/sub/f', { format: 'stream' })
  assert.equal(await new Response(stream).text(), 'x')
  const blob = await sandbox.files.read('/tmp/jsm/sub/f', { format: 'blob' })
  assert.equal(await blob.text(), 'x')
})

test('snapshots by list, network, host, links', async () => {
  const other = await Sandbox.create({ timeoutMs: 60_000, network: { allowOut: ['open.test'], denyOut: ['0.0.0.0/0'] } })
  try {
    const asked = async (host) => (await other.commands.run(`curl -s -m 5 http://${host}/ || true`)).stdout
    assert.match(await asked('shut.test'), /EGRESS_HOST_NOT_ALLOWED/)
    await other.updateNetwork({ allowOut: ['shut.test'], denyOut: ['0.0.0.0/0'] })
    assert.doesNotMatch(await asked('shut.test'), /EGRESS_HOST_NOT_ALLOWED/)
    await other.updateNetwork({ allowOut: ['11.47.11.0/24'], denyOut: ['11.47.0.0/16', 'bad.test'] })
    assert.match(await asked('11.47.12.1'), /EGRESS_HOST_NOT_ALLOWED/)
    assert.match(await asked('bad.test'), /EGRESS_HOST_NOT_ALLOWED/)
    assert.doesNotMatch(await asked('11.47.11.9'), /EGRESS_HOST_NOT_ALLOWED/)
    const snapshot = await other.createSnapshot()
    const listed = await other.listSnapshots().nextItems()
    assert.deepEqual(listed.map((s) => s.snapshotId), [snapshot.snapshotId])
    assert.equal(await Sandbox.deleteSnapshot(snapshot.snapshotId), true)
    assert.equal(await Sandbox.deleteSnapshot(snapshot.snapshotId), false)
    assert.ok(other.getHost(8080).startsWith(`8080-${other.sandboxId}.`))
    for (const link of [await other.downloadUrl('/tmp/x'), await other.uploadUrl('/tmp/x')]) {
      assert.match(link, /signature=v1_/)
    }
    await Sandbox.setTimeout(other.sandboxId, 120_000)
    assert.equal(await Sandbox.pause(other.sandboxId), true)
    assert.equal((await Sandbox.getInfo(other.sandboxId)).state, 'paused')
  } finally {
    assert.equal(await Sandbox.kill(other.sandboxId), true)
  }
})
