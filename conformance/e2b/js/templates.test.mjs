// The JavaScript SDK of E2B, unmodified, builds templates.
import assert from 'node:assert/strict'
import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { BuildError, Sandbox, Template, Volume, waitForFile } from 'e2b'

const unique = (name) => `${name}-${process.pid}-${Date.now()}`

test('a template is built of files, commands and variables', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'js-template-'))
  const name = unique('js-whole')
  try {
    mkdirSync(join(folder, 'src'))
    writeFileSync(join(folder, 'src', 'word'), 'from js')
    symlinkSync('word', join(folder, 'src', 'link'))
    writeFileSync(join(folder, 'one.conf'), '1')
    const template = Template({ fileContextPath: folder })
      .fromTemplate('blank')
      .setEnvs({ COLOR: 'blue', MARK: name })
      .setWorkdir('/srv/js')
      .copy('src/', 'src')
      .copy('*.conf', '/etc/js/', { mode: 0o600 })
      .runCmd('echo $COLOR $(pwd) > made')
      .setStartCmd('touch /started; exec sleep 600', waitForFile('/started'))
    const lines = []
    const info = await Template.build(template, name, {
      cpuCount: 1,
      memoryMB: 512,
      onBuildLogs: (entry) => lines.push(entry.message),
    })
    assert.equal(info.name, name)
    assert.ok(lines.some((line) => line.startsWith('STEP 1/')), lines.join('\n'))
    assert.equal(await Template.exists(name), true)
    const sandbox = await Sandbox.create(name, { timeoutMs: 120_000 })
    try {
      assert.equal((await sandbox.commands.run('cat made src/link; stat -c %a /etc/js/one.conf')).stdout, 'blue /srv/js\nfrom js600\n')
      assert.equal(await sandbox.files.exists('/started'), true)
    } finally {
      await sandbox.kill()
    }
    const again = []
    await Template.build(template, name, { onBuildLogs: (entry) => again.push(entry.message) })
    assert.ok(again.some((line) => line.startsWith('CACHED COPY')), again.join('\n'))
  } finally {
    rmSync(folder, { recursive: true })
    await Sandbox.deleteSnapshot(name)
  }
  assert.equal(await Template.exists(name), false)
})

test('a build that fails says so', async () => {
  const name = unique('js-fails')
  const template = Template().fromTemplate('blank').runCmd('exit 9')
  await assert.rejects(Template.build(template, name), (e) => e instanceof BuildError && /ended with 9/.test(e.message))
  const info = await Template.buildInBackground(template, name)
  let status
  do {
    await new Promise((resolve) => setTimeout(resolve, 100))
    status = await Template.getBuildStatus(info)
  } while (status.status === 'building' || status.status === 'waiting')
  assert.equal(status.status, 'error')
  assert.equal(status.reason.step, '1')
  await Sandbox.deleteSnapshot(name)
})

test('a volume is made and a sandbox has it', async () => {
  const volume = await Volume.create(unique('js-vol'))
  try {
    assert.ok((await Volume.list()).some((each) => each.volumeId === volume.volumeId))
    const sandbox = await Sandbox.create({ volumeMounts: { '/data': volume }, timeoutMs: 60_000 })
    await sandbox.files.write('/data/kept', 'by js')
    await sandbox.kill()
    const second = await Sandbox.create({ volumeMounts: { '/data': volume.name }, timeoutMs: 60_000 })
    assert.equal(await second.files.read('/data/kept'), 'by js')
    await second.kill()
  } finally {
    let left = 100
    while (left-- > 0 && !(await Volume.destroy(volume.volumeId).catch(() => false))) {
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
})
